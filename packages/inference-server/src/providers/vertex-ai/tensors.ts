import { InvalidFieldError } from '../../language/InvalidFieldError';
import type { ExternalModel, Provider } from '../Provider';
import { OWN_ENDPOINT } from './ownEndpoint';

const at =
  (method: string) =>
  ({ name }: ExternalModel) => {
    if (!OWN_ENDPOINT.test(name)) {
      throw new InvalidFieldError(
        'model',
        'the version names no endpoint of Vertex AI; expected endpoints/ and its id',
      );
    }
    return { model: name, path: `/${name}:${method}` };
  };

/** Endpoints of the project's own: `predict` takes rows, and `rawPredict` passes on whatever its container speaks. */
export const vertexTensors: Provider['tensors'] = {
  instances: at('predict'),
  'open-inference': at('rawPredict'),
};
