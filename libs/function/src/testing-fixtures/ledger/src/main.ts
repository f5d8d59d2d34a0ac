import { defineService, serve } from '../../../index.ts';

serve(defineService('ledger', { database: { migrations: 'migrations' } }));
