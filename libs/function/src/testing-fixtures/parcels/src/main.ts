import { serve } from '../../../index.ts';
import { service } from './service.ts';

serve(service);
