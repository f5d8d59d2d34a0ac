import { serve } from '@ebb/function';
import { accounts } from './service.ts';

serve(accounts);
