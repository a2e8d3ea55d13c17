import type { ReceivedCall } from '../providers/testing/StandIn';
import { keyOf, routeOf, snapshotOf } from '../testing/fixtures';
import {
  addRemoteLinear,
  answerAsVersion2,
  RemoteEndpoint,
} from '../testing/remoteLinear';
import { TestServer } from '../testing/startTestServer';
import { waitFor } from '../testing/waitFor';

jest.setTimeout(60_000);

it('ends the call, and says so, when the time of its caller is over', async () => {
  const endpoint = new RemoteEndpoint(answerAsVersion2);
  await endpoint.start();
  const server = await TestServer.create();
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('linear', [addRemoteLinear(server.controlPlane, endpoint)])],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
  let asked: ReceivedCall | undefined;
  endpoint.script = call => {
    asked = call;
  };
  const { status, json } = await server.infer(
    'linear',
    {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
    },
    { headers: { 'x-request-timeout-ms': '100' } },
  );
  expect([status, json.error]).toEqual([
    504,
    expect.stringContaining('time was over'),
  ]);
  await waitFor(async () => asked?.abortedAtMillis !== undefined);
  await server.close();
  await endpoint.stop();
});
