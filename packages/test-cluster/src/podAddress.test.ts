import { podAddress } from './podAddress';

it('is another one in each cluster, and on each of its nodes', () => {
  const all = [32_768, 32_769, 60_999].flatMap(port =>
    [0, 1, 2, 3].flatMap(network =>
      [1, 2, 62].map(count =>
        podAddress(count, { server: `https://127.0.0.1:${port}`, network }),
      ),
    ),
  );
  expect(new Set(all).size).toBe(all.length);
  for (const address of all) {
    const parts = address.split('.').map(Number);
    expect(parts).toHaveLength(4);
    expect(parts.every(part => part > -1 && part < 255)).toBe(true);
  }
});
