-- Which part of a pass a problem comes from: in a service each is gone through by itself.
ALTER TABLE reported ADD COLUMN part TEXT NOT NULL DEFAULT 'turn';
