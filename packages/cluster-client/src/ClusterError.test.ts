import { ApiException } from '@kubernetes/client-node';
import { toClusterError, unservedError } from './ClusterError';

const status = (code: number, message: string) =>
  new ApiException(code, '', JSON.stringify({ kind: 'Status', message }), {});

describe('toClusterError', () => {
  it('says of a token that does not hold where another one belongs', () => {
    const error = toClusterError(status(401, 'Unauthorized'), 10_000);
    expect(error).toMatchObject({
      statusCode: 401,
      message:
        "the cluster does not accept the portal's token (Unauthorized): put one that holds into the file that aiInference.kubernetes.tokenFiles names, or into serviceAccountToken of the cluster",
    });
  });

  it('says what the cluster says of everything else', () => {
    const message = 'pods is forbidden: User "greenroom" cannot list pods';
    expect(toClusterError(status(403, message), 10_000)).toMatchObject({
      statusCode: 403,
      message,
    });
  });
});

describe('unservedError', () => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };

  it.each<[string, unknown]>([
    ['of the server', new ApiException(404, '', '404 page not found\n', {})],
    [
      'of the server, as an object',
      status(404, 'the server could not find the requested resource'),
    ],
    [
      'of the client',
      new Error(
        'Unrecognized API version and kind: policy/v1 PodDisruptionBudget',
      ),
    ],
  ])('names the kind, whatever the words %s', (_whose, error) => {
    expect(unservedError(error, budget)).toMatchObject({
      statusCode: 404,
      message: 'the cluster does not serve PodDisruptionBudget of policy/v1',
    });
  });

  it('is about no object and no namespace that is missing', () => {
    for (const name of [
      'namespaces "models" not found',
      'pods "a" not found',
    ]) {
      expect(unservedError(status(404, name), budget)).toBeUndefined();
    }
  });
});
