import { serve } from '@ebb/function';
import { shipping } from './service.ts';

serve(shipping);
