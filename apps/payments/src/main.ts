import { serve } from '@ebb/function';
import { payments } from './service.ts';

serve(payments);
