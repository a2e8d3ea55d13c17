import { AdminServer } from './AdminServer';

it('answers on when a page of metrics cannot be written', async () => {
  const server = new AdminServer({
    isReady: () => true,
    writeMetrics: async () => {
      throw new Error('a page that is no page');
    },
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const page = await fetch(`${url}/metrics`);
  expect(page.status).toBe(500);
  expect(await page.json()).toEqual({
    error: 'the metrics could not be written: a page that is no page',
  });
  expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
  await server.close();
});
