import { serve } from '@ebb/function';
import { notifications } from './service.ts';

serve(notifications);
