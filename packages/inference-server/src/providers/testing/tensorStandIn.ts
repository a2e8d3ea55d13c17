import type { ServerResponse } from 'node:http';
import { type ReceivedCall, sendJson } from './StandIn';

/** The signature of what {@link answerTensors} computes. */
export const TOTALS = {
  inputs: [
    { name: 'id', datatype: 'INT64', shape: [-1] },
    { name: 'x', datatype: 'FP32', shape: [-1, 3] },
  ],
  outputs: [
    { name: 'id', datatype: 'INT64', shape: [-1] },
    { name: 'total', datatype: 'FP32', shape: [-1, 1] },
  ],
} as const;

interface Tensor {
  name: string;
  datatype: string;
  shape: number[];
  data: any[];
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Keeps the text of integers, as a server in another language keeps their 64 bits. */
function parseExactly(text: string): any {
  const keep = (
    _key: string,
    value: unknown,
    context?: { source?: string },
  ): unknown =>
    typeof value === 'number' && /^-?\d{16,}$/.test(context?.source ?? '')
      ? rawJSON(context!.source!)
      : value;
  return JSON.parse(text, keep);
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** A container that gives each row's id back, and the total of its numbers; in the form in which it was asked. */
export function answerTensors(
  call: ReceivedCall,
  response: ServerResponse,
): void {
  const { instances, inputs } = parseExactly(String(call.body));
  if (instances) {
    sendJson(response, 200, {
      predictions: instances.map(({ id, x }: { id: unknown; x: number[] }) => ({
        id,
        total: [sum(x)],
      })),
      deployedModelId: '1',
    });
    return;
  }
  const named = (name: string): Tensor =>
    inputs.find((input: Tensor) => input.name === name);
  const { data, shape } = named('x');
  const totals = Array.from({ length: shape[0] }, (_, row) =>
    sum(data.slice(row * 3, row * 3 + 3)),
  );
  sendJson(response, 200, {
    model_name: 'totals',
    outputs: [
      {
        name: 'total',
        datatype: 'FP32',
        shape: [shape[0], 1],
        data: totals,
      },
      { ...named('id') },
    ],
  });
}
