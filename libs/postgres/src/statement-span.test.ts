import { describe, expect, it } from '@jest/globals';
import { statementName } from './statement-span.ts';

describe('the name of a statement', () => {
  it.each([
    ['select * from orders where id = $1', 'SELECT orders'],
    ['\n  INSERT INTO shop.orders (id) VALUES ($1)', 'INSERT orders'],
    ['update "orders" set status = $1', 'UPDATE orders'],
    ['delete from only orders', 'DELETE orders'],
    ['with old as (select id from orders) delete from lines', 'WITH orders'],
    ['COMMIT', 'COMMIT'],
    ['', 'QUERY'],
  ])('%j is %j', (text, name) => {
    expect(statementName(text)).toBe(name);
  });
});
