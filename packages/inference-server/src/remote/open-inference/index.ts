import type { Protocol } from '../protocols';
import { decodeJson, encodeBinary, encodeJson } from './rest';
import { decodeProtobuf, encodeProtobuf } from './protobuf';

/** The Open Inference Protocol v2, in the form that the server takes. */
export const openInference: Protocol = {
  encode: (call, form, model) => {
    switch (form) {
      case 'json':
        return encodeJson(call);
      case 'binary':
        return encodeBinary(call);
      default:
        return encodeProtobuf(call, model);
    }
  },
  decode: (answer, form, call) =>
    form === 'protobuf'
      ? decodeProtobuf(answer.bytes, call)
      : decodeJson(answer, call),
};
