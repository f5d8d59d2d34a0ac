import { defineService } from '@ebb/function';
import { commitStock } from './functions/commit-stock.ts';
import { releaseStock } from './functions/release-stock.ts';
import { reserveStock } from './functions/reserve-stock.ts';
import { stockRoutes } from './routes/stock.ts';

export const inventory = defineService('inventory', {
  functions: [reserveStock, releaseStock, commitStock],
  routes: [stockRoutes],
  database: { migrations: 'migrations' },
});
