import { serve } from '@ebb/function';
import { paymentProvider } from './service.ts';

serve(paymentProvider);
