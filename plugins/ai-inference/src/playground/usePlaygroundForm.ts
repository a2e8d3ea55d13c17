import {
  blankRequest,
  type FeatureValues,
  formatRequest,
  type InferRequest,
  requestOf,
  typicalValues,
} from '@greenroom/plugin-ai-inference-common';
import type {
  ModelSchema,
  ModelVersionDetail,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';

interface FilledForm {
  /** The request as the form stands. @throws Error that says what is missing */
  request(): InferRequest;
  /** The request to show as code: as far as it is filled in, with zeros for the rest. */
  previewRequest: InferRequest;
}

interface FeatureForm extends FilledForm {
  schema: ModelSchema;
  values: FeatureValues;
  setValues(values: FeatureValues): void;
  requestWith(values: FeatureValues): InferRequest;
}

export type PlaygroundForm =
  | (FeatureForm & {
      kind: 'image';
      schema: ModelSchema & Required<Pick<ModelSchema, 'image'>>;
    })
  | (FeatureForm & { kind: 'numbers' })
  | (FilledForm & {
      kind: 'raw';
      text: string;
      setText(text: string): void;
    });

/** A version that is called with tensors. */
export type TensorVersionDetail = ModelVersionDetail & { signature: Signature };

/** More number fields than this nobody fills in; the request is written by hand then. */
const MOST_FIELDS = 60;

/** What the form asks for follows from what the version declares. */
export function usePlaygroundForm(detail: TensorVersionDetail): PlaygroundForm {
  const { signature, schema, baseline } = detail;
  const [values, setValues] = useState<FeatureValues>(() =>
    schema && !schema.image ? typicalValues(schema.features, baseline) : {},
  );
  const [text, setText] = useState(() =>
    formatRequest(blankRequest(signature)),
  );

  const covered =
    schema &&
    signature.inputs.every(({ name }) =>
      schema.features.some(({ tensor }) => tensor === name),
    );
  if (
    schema &&
    covered &&
    (schema.image || schema.features.length <= MOST_FIELDS)
  ) {
    const requestWith = (next: FeatureValues) =>
      requestOf({ signature, schema, values: next });
    const blank = Object.fromEntries(
      schema.features.map(({ name }) => [name, 0]),
    );
    const form = {
      schema,
      values,
      setValues,
      requestWith,
      request: () =>
        requestWith(schema.image ? { ...blank, ...values } : values),
      previewRequest: requestWith({ ...blank, ...definedOnly(values) }),
    };
    const { image } = schema;
    return image
      ? { ...form, kind: 'image', schema: { ...schema, image } }
      : { ...form, kind: 'numbers' };
  }
  return {
    kind: 'raw',
    text,
    setText,
    request: () => parseRequest(text),
    previewRequest: tryParse(text) ?? blankRequest(signature),
  };
}

function definedOnly(values: FeatureValues): FeatureValues {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  );
}

function parseRequest(text: string): InferRequest {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(
      `The request is not JSON: ${
        error instanceof Error ? error.message : error
      }`,
    );
  }
}

function tryParse(text: string): InferRequest | undefined {
  try {
    return parseRequest(text);
  } catch {
    return undefined;
  }
}
