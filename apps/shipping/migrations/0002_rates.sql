-- Up Migration

-- A price list for a start. Replace it with your carrier's.
insert into zones (country, zone) values
  ('DE', 'domestic'),
  ('AT', 'europe'), ('BE', 'europe'), ('CZ', 'europe'), ('DK', 'europe'), ('ES', 'europe'), ('FI', 'europe'),
  ('FR', 'europe'), ('IE', 'europe'), ('IT', 'europe'), ('LU', 'europe'), ('NL', 'europe'), ('PL', 'europe'),
  ('PT', 'europe'), ('SE', 'europe'),
  ('CH', 'world'), ('GB', 'world'), ('JP', 'world'), ('NO', 'world'), ('US', 'world');

insert into rates (zone, currency, max_grams, minor_units) values
  ('domestic', 'EUR',  2000,  549), ('domestic', 'EUR',  5000,  699), ('domestic', 'EUR', 10000, 1049), ('domestic', 'EUR', 31500, 1999),
  ('europe',   'EUR',  2000, 1449), ('europe',   'EUR',  5000, 1749), ('europe',   'EUR', 10000, 2299), ('europe',   'EUR', 31500, 4499),
  ('world',    'EUR',  2000, 2249), ('world',    'EUR',  5000, 3499), ('world',    'EUR', 10000, 5299), ('world',    'EUR', 20000, 8699),
  ('world',    'USD',  2000, 2499), ('world',    'USD',  5000, 3899), ('world',    'USD', 10000, 5899), ('world',    'USD', 20000, 9699);

insert into product_weights (sku, grams) values
  ('MUG-BLUE', 350), ('MUG-RED', 350), ('TEE-S', 180), ('TEE-M', 200), ('TEE-L', 220), ('POSTER-A2', 120), ('LAMP-DESK', 2400);
