import { readFileSync } from 'node:fs';
import path from 'node:path';

const held = readFileSync(
  path.join(__dirname, '../examples/digits/data/held-out.csv'),
  'utf8',
);

/** Held-out digits: 64 pixels and the digit that a person wrote. */
export const digits = held
  .trim()
  .split('\n')
  .slice(1)
  .map(line => {
    const values = line.split(',').map(Number);
    return { pixels: values.slice(0, 64), digit: values[64] };
  });

/** The image a quarter turn to the left: a real shift of what the model sees. */
export function rotate(pixels: number[]): number[] {
  return pixels.map((_, index) => {
    const row = Math.floor(index / 8);
    const column = index % 8;
    return pixels[column * 8 + (7 - row)];
  });
}

export interface Answer {
  status: number;
  version?: string;
  label?: number;
  error?: string;
  /** Of a deprecated model, as the answer's header says it. */
  deprecation?: string;
}

/** Asks the data plane as any client of the Open Inference Protocol would. */
export async function infer(options: {
  url: string;
  key: string;
  pixels: number[];
  caller?: string;
}): Promise<Answer> {
  const response = await fetch(`${options.url}/v2/models/digits/infer`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${options.key}`,
      'Content-Type': 'application/json',
      ...(options.caller && { 'x-assignment-id': options.caller }),
    },
    body: JSON.stringify({
      inputs: [
        {
          name: 'pixels',
          datatype: 'FP32',
          shape: [1, 64],
          data: options.pixels,
        },
      ],
    }),
  });
  const body = await response.json();
  const label = body.outputs?.find(
    ({ name }: { name: string }) => name === 'label',
  );
  return {
    status: response.status,
    version: body.model_version,
    label: label?.data[0],
    error: body.error,
    deprecation: response.headers.get('deprecation') ?? undefined,
  };
}
