import { defineService } from '@ebb/function';
import { reserveStock } from './functions/reserve-stock.ts';
import { stockRoutes } from './routes/stock.ts';

export const inventory = defineService('inventory', {
  functions: [reserveStock],
  routes: [stockRoutes],
  database: { migrations: 'migrations' },
});
