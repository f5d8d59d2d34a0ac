import { serve } from '@ebb/function';
import { gateway } from './service.ts';

serve(gateway);
