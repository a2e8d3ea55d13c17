/** Keeps a value under a key, and forgets what was kept longest ago when there are too many. */
export function remember<Key, Value>(
  known: Map<Key, Value>,
  key: Key,
  value: Value,
  most = 2_000,
): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > most) known.delete(oldest);
}
