import type {
  DataPlaneRun,
  ModelServerRun,
} from '@greenroom/plugin-ai-inference-common';
import { render, screen, within } from '@testing-library/react';
import { ModelServersList } from './ModelServersList';

const AT = '2026-05-03T10:00:00Z';
const TRITON: ModelServerRun = {
  name: 'triton',
  protocol: 'open-inference',
  state: 'running',
  since: AT,
  address: 'http://greenroom-live-triton.models.svc:8000',
  replicas: { wanted: 2, ready: 1 },
  problem:
    'no node has room for pod greenroom-live-triton-1: Insufficient nvidia.com/gpu',
};
const LLAMA: ModelServerRun = {
  name: 'llama',
  protocol: 'openai',
  state: 'starting',
  since: AT,
  address: 'http://greenroom-live-llama.models.svc:8000',
  replicas: { wanted: 1, ready: 0 },
};

const show = (run: DataPlaneRun) =>
  render(<ModelServersList environment="live" run={run} />);

describe('ModelServersList', () => {
  it('tells of each server how many answer, and why not all', () => {
    show({
      state: 'running',
      since: AT,
      publicUrl: 'https://models.example',
      servers: [TRITON, LLAMA],
    });
    const list = screen.getByRole('list', { name: 'Model servers of live' });
    const [triton, llama] = within(list).getAllByRole('listitem');
    expect(triton).toHaveTextContent(
      /^Running triton Open Inference Protocol at http:\/\/greenroom-live-triton.models.svc:8000 with 1 of 2 replicas ready .*: no node has room for pod/,
    );
    expect(llama).toHaveTextContent(
      /^Starting llama OpenAI API at .* with 0 of 1 replicas ready/,
    );
  });

  it('shows nothing where there are none', () => {
    const { container } = show({ state: 'unmanaged' });
    expect(container).toBeEmptyDOMElement();
  });
});
