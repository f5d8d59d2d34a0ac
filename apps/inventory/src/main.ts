import { serve } from '@ebb/function';
import { inventory } from './service.ts';

serve(inventory);
