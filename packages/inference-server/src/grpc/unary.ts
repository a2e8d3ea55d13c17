import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { Received } from './protocol';
import { statusCode } from './statusCode';

/** A method that is answered at once. */
export function unary(
  answer: (call: ServerUnaryCall<Received, object>) => object,
): handleUnaryCall<Received, object> {
  return (call, callback) => {
    try {
      callback(null, answer(call));
    } catch (error) {
      callback(statusCode(error));
    }
  };
}
