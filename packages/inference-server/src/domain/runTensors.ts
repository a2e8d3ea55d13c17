import { refuseRawBytes } from './bytesElements';
import { checkSharedDimensions, countRows } from './checkRequest';
import type { Exchange, TensorPayload } from './Exchange';
import { refuseUnwanted } from './refuseUnwanted';
import type { Tensor } from './tensor';
import { asTensors } from './versionKinds';

/**
 * Runs the version that the exchange was routed to.
 *
 * @param inputs - in the order of the signature, checked against it
 * @param outputs - names of those wanted; undefined for all
 */
export async function runTensors(
  exchange: Exchange,
  inputs: readonly Tensor[],
  outputs: readonly string[] | undefined,
): Promise<Tensor[]> {
  if (exchange.served === undefined) throw new Error('a run before its route');
  const served = asTensors(exchange.served);
  checkSharedDimensions(inputs, served.dimensions);
  if (!served.isRemote) refuseRawBytes(inputs);
  const rows = served.rowWise ? countRows(inputs) : undefined;
  refuseUnwanted(exchange);
  exchange.takeRows(rows ?? 1);
  const payload: TensorPayload = {
    kind: 'tensors',
    rows: rows ?? 1,
    inputs,
    outputs: undefined,
    startedMillis: performance.now(),
    endedMillis: 0,
    computeMillis: 0,
  };
  exchange.payload = payload;
  const result = await served.run({
    inputs,
    rows,
    outputs,
    cancellation: exchange,
    holder: exchange,
    callerId: exchange.callerId,
    times: payload,
  });
  payload.endedMillis = performance.now();
  payload.outputs = result;
  return result;
}
