import { serve } from '@ebb/function';
import { relay } from './service.ts';

serve(relay);
