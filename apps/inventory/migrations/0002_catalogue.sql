-- Up Migration

-- Something to sell from the first minute. Replace it with products of your own.
insert into stock (sku, name, on_hand) values
  ('MUG-BLUE', 'Blue mug', 100),
  ('MUG-RED', 'Red mug', 100),
  ('TEE-S', 'T-shirt, small', 50),
  ('TEE-M', 'T-shirt, medium', 50),
  ('TEE-L', 'T-shirt, large', 50),
  ('POSTER-A2', 'Poster, A2', 20),
  ('LAMP-DESK', 'Desk lamp', 3);
