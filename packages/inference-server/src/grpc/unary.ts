import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { Received } from './protocol';
import { statusCode } from './statusCode';

/** A method with one answer, at once or when it is done. */
export function unary(
  answer: (call: ServerUnaryCall<Received, object>) => object | Promise<object>,
): handleUnaryCall<Received, object> {
  return async (call, callback) => {
    let answered: object;
    try {
      if (call.request.refusal) throw call.request.refusal;
      answered = await answer(call);
    } catch (error) {
      callback(statusCode(error));
      return;
    }
    callback(null, answered);
  };
}
