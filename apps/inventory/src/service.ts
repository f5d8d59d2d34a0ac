import { defineService } from '@ebb/function';
import { commitStock } from './functions/commit-stock.ts';
import { releaseStock } from './functions/release-stock.ts';
import { reserveStock } from './functions/reserve-stock.ts';
import { listProducts } from './routes/list-stock.ts';
import { restock } from './routes/restock.ts';
import { showProduct } from './routes/show-stock.ts';

export const inventory = defineService('inventory', {
  functions: [reserveStock, releaseStock, commitStock],
  routes: [listProducts, showProduct, restock],
  database: { migrations: 'migrations' },
});
