import type { Datatype } from '@greenroom/plugin-ai-registry-common';
import type { JsonSchema } from './openApi';

const integer = (minimum: number, maximum: number): JsonSchema => ({
  type: 'integer',
  minimum,
  maximum,
});

/** What one value is in JSON; undefined where JSON has no form for it. */
const VALUES: Record<Datatype, JsonSchema | undefined> = {
  BOOL: { type: 'boolean' },
  UINT8: integer(0, 2 ** 8 - 1),
  UINT16: integer(0, 2 ** 16 - 1),
  UINT32: integer(0, 2 ** 32 - 1),
  // Their ends are no numbers that JSON's readers keep exactly.
  UINT64: { type: 'integer', minimum: 0 },
  INT8: integer(-(2 ** 7), 2 ** 7 - 1),
  INT16: integer(-(2 ** 15), 2 ** 15 - 1),
  INT32: integer(-(2 ** 31), 2 ** 31 - 1),
  INT64: { type: 'integer' },
  FP16: undefined,
  BF16: undefined,
  FP32: { type: 'number' },
  FP64: { type: 'number' },
  BYTES: { type: 'string' },
};

export function valueSchema(datatype: Datatype): JsonSchema | undefined {
  return VALUES[datatype];
}

/** Whether values of the datatype can be written in JSON; others travel as bytes. */
export function hasJsonForm(datatype: Datatype): boolean {
  return VALUES[datatype] !== undefined;
}
