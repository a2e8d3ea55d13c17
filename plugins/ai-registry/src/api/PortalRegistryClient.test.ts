import { mockApis, registerMswTestHooks } from '@backstage/frontend-test-utils';
import { HttpResponse, delay, http } from 'msw';
import { setupServer } from 'msw/node';
import { REGISTRY_URL, refusal } from '../__testUtils__/renderRegistry';
import { PortalRegistryClient } from './PortalRegistryClient';

const server = setupServer();
const ARTIFACTS = `${REGISTRY_URL}/artifacts`;

const client = new PortalRegistryClient({
  discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
  fetchApi: mockApis.fetch(),
  identityApi: mockApis.identity({ token: 'ada-token' }),
});

describe('PortalRegistryClient.uploadFile', () => {
  registerMswTestHooks(server);

  it('gives back the artifact and tells how far it is', async () => {
    const artifact = { digest: `sha256:${'a'.repeat(64)}`, sizeBytes: 5 };
    server.use(
      http.post(ARTIFACTS, () => HttpResponse.json(artifact, { status: 201 })),
    );
    const shares: number[] = [];
    await expect(
      client.uploadFile(new Blob(['bytes']), {
        onProgress: share => shares.push(share),
      }),
    ).resolves.toEqual(artifact);
    expect(shares.at(-1)).toBe(1);
  });

  it("rejects with the registry's words", async () => {
    server.use(http.post(ARTIFACTS, () => refusal(413, 'Too large')));
    await expect(client.uploadFile(new Blob(['bytes']))).rejects.toMatchObject({
      statusCode: 413,
      cause: { message: 'Too large' },
    });
  });

  it('says that the connection broke', async () => {
    server.use(http.post(ARTIFACTS, () => HttpResponse.error()));
    await expect(client.uploadFile(new Blob(['bytes']))).rejects.toThrow(
      /cut off before .* may have changed on disk since you chose it: choose it again/,
    );
  });

  it('stops when it is told to', async () => {
    server.use(
      http.post(ARTIFACTS, async () => {
        await delay('infinite');
        return HttpResponse.json({});
      }),
    );
    const abort = new AbortController();
    const upload = client.uploadFile(new Blob(['bytes']), {
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 50);
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      client.uploadFile(new Blob(['bytes']), { signal: abort.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
