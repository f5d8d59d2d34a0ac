import { serve } from '@ebb/function';
import { orders } from './service.ts';

serve(orders);
