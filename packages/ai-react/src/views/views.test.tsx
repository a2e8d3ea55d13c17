import { ResponseError } from '@backstage/errors';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  entityPresentationApiRef,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { CodeBlock } from './CodeBlock';
import { ConvergenceNote } from './ConvergenceNote';
import { ErrorNotice } from './ErrorNotice';
import { HealthPill } from './HealthPill';
import { Loaded } from './Loaded';
import { ModelName } from './ModelName';
import { PersonName } from './PersonName';
import { ProgressBar } from './ProgressBar';
import { LastingTime, RelativeTime } from './RelativeTime';
import { StepList } from './StepList';
import { useEntityTitles } from './useEntityTitles';

describe('RelativeTime', () => {
  it('says how long ago, and goes on counting', () => {
    jest.useFakeTimers({ now: new Date('2026-05-03T10:00:00Z') });
    render(<RelativeTime at="2026-05-03T09:59:45Z" />);
    expect(screen.getByText('10 seconds ago')).toHaveAttribute(
      'datetime',
      '2026-05-03T09:59:45Z',
    );
    act(() => jest.advanceTimersByTime(65_000));
    expect(screen.getByText('1 minute ago')).toBeInTheDocument();
    jest.useRealTimers();
  });

  it('puts nothing that has just happened into the future', () => {
    jest.useFakeTimers({ now: new Date('2026-05-03T10:00:00Z') });
    const { rerender } = render(<RelativeTime at="2026-05-03T09:00:00Z" />);
    // Between two ticks.
    jest.setSystemTime(new Date('2026-05-03T10:00:20Z'));
    rerender(<RelativeTime at="2026-05-03T10:00:20Z" />);
    expect(screen.getByText('just now')).toBeInTheDocument();
    jest.useRealTimers();
  });

  it('looks forward too', () => {
    const at = new Date(Date.now() + 90 * 86_400_000).toISOString();
    render(<RelativeTime at={at} />);
    expect(screen.getByText('in 3 months')).toBeInTheDocument();
  });
});

describe('LastingTime', () => {
  it.each([
    ['09:59:45', 'for 10 seconds'],
    ['09:59:00', 'for 1 minute'],
    ['07:00:00', 'for 3 hours'],
    ['09:59:59', 'for a few seconds'],
    ['10:00:30', 'for a few seconds'],
  ])('says how long what began at %s has lasted', (time, words) => {
    jest.useFakeTimers({ now: new Date('2026-05-03T10:00:00Z') });
    render(<LastingTime at={`2026-05-03T${time}Z`} />);
    expect(screen.getByText(words)).toHaveAttribute(
      'datetime',
      `2026-05-03T${time}Z`,
    );
    jest.useRealTimers();
  });
});

describe('ConvergenceNote', () => {
  it('says why it waits, since when, and counts down to the next try', () => {
    jest.useFakeTimers({ now: new Date('2026-05-03T10:00:00Z') });
    render(
      <ConvergenceNote
        convergence={{
          state: 'waiting',
          reason: 'opset 99',
          since: '2026-05-03T09:50:00Z',
          nextTryAt: '2026-05-03T10:00:12Z',
        }}
      />,
    );
    const note = screen.getByText('opset 99').parentElement;
    expect(note).toHaveTextContent(
      'Waitingopset 99for 10 minutes · tried again in 12 s',
    );
    act(() => jest.advanceTimersByTime(5_000));
    expect(note).toHaveTextContent('tried again in 7 s');
    act(() => jest.advanceTimersByTime(10_000));
    expect(note).toHaveTextContent('tried again any moment');
    jest.useRealTimers();
  });

  it('needs no reason while all is well', () => {
    render(<ConvergenceNote convergence={{ state: 'serving' }} />);
    expect(screen.getByText('Serving')).toBeInTheDocument();
  });
});

function Titles({ refs }: { refs: string[] }) {
  const titleOfRef = useEntityTitles(refs);
  return <p>{refs.map(titleOfRef).join(', ')}</p>;
}

describe('useEntityTitles', () => {
  const TITLES: Record<string, string> = {
    'group:default/vision-team': 'Vision team',
    'group:default/one': 'Team',
    'group:other/two': 'Team',
  };
  const withTitles = {
    apis: [
      [
        entityPresentationApiRef,
        {
          forEntity: (entityRef: string) => {
            const primaryTitle = TITLES[entityRef];
            const snapshot = { entityRef, primaryTitle };
            return {
              snapshot,
              promise: primaryTitle
                ? Promise.resolve(snapshot)
                : Promise.reject(new Error('away')),
            };
          },
        },
      ] as const,
    ],
  };

  it("has the catalog's titles; where one is not known the short ref, and where two are the same both refs", async () => {
    renderInTestApp(
      <Titles
        refs={[
          'group:default/vision-team',
          'group:default/gone',
          'group:default/one',
          'group:other/two',
        ]}
      />,
      withTitles,
    );
    expect(
      await screen.findByText(
        'Vision team, gone, Team (group:default/one), Team (group:other/two)',
      ),
    ).toBeInTheDocument();
  });
});

describe('ModelName', () => {
  const titleOf = (primaryTitle: string) => ({
    apis: [
      [
        entityPresentationApiRef,
        {
          forEntity: (entityRef: string) => {
            const snapshot = { entityRef, primaryTitle };
            return { snapshot, promise: Promise.resolve(snapshot) };
          },
        },
      ] as const,
    ],
  });

  it("shows the catalog's title, and the name beside it", async () => {
    renderInTestApp(
      <ModelName name="digits" to="/digits" />,
      titleOf('Handwritten digits'),
    );
    expect(
      await screen.findByRole('link', { name: 'Handwritten digits' }),
    ).toHaveAttribute('href', '/digits');
    expect(screen.getByText('digits')).toBeVisible();
  });

  it('shows a name once where there is no other title', async () => {
    renderInTestApp(<ModelName name="digits" />, titleOf('digits'));
    expect(await screen.findAllByText('digits')).toHaveLength(1);
  });

  it('takes the title that the page knows already', async () => {
    renderInTestApp(<ModelName name="digits" title="Digits, changed" />);
    expect(await screen.findByText('Digits, changed')).toBeVisible();
    expect(screen.getByText('digits')).toBeVisible();
  });
});

describe('CodeBlock', () => {
  it('copies the code and says so', async () => {
    const user = userEvent.setup();
    const write = jest.spyOn(navigator.clipboard, 'writeText');
    render(<CodeBlock code="curl x" language="curl" />);
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(
      await screen.findByRole('button', { name: 'Copied' }),
    ).toBeInTheDocument();
    expect(write).toHaveBeenCalledWith('curl x');
  });
});

describe('ErrorNotice', () => {
  it('says in words that nobody answers, and whether the page asks again', () => {
    const error = new TypeError('Failed to fetch');
    const { rerender } = render(<ErrorNotice error={error} />);
    expect(
      screen.getByText('The control plane does not answer.'),
    ).toBeInTheDocument();
    const live = { value: undefined, error, loading: false, refresh() {} };
    rerender(
      <Loaded live={live} what="the models">
        {() => null}
      </Loaded>,
    );
    expect(
      screen.getByText('The control plane does not answer; trying again.'),
    ).toBeInTheDocument();
  });

  it("shows the server's own sentence, and tries again", async () => {
    const error = await ResponseError.fromResponse(
      new Response(
        JSON.stringify({
          error: { name: 'NotFoundError', message: 'No model "digit"' },
          response: { statusCode: 404 },
        }),
        { status: 404, headers: { 'Content-Type': 'application/json' } },
      ) as Response & { status: number },
    );
    const onRetry = jest.fn();
    render(<ErrorNotice error={error} onRetry={onRetry} />);
    expect(screen.getByRole('alert')).toHaveTextContent('No model "digit"');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });
});

describe('Loaded', () => {
  const live = { loading: false, error: undefined, refresh: () => {} };

  it('goes from loading to content, and keeps it when a refresh fails', () => {
    const show = (state: object) => (
      <Loaded<string> live={{ ...live, value: undefined, ...state }} what="it">
        {value => <p>{value}</p>}
      </Loaded>
    );
    const { rerender } = render(show({ loading: true }));
    expect(screen.getByRole('status')).toHaveTextContent('Loading it');
    rerender(show({ error: new Error('away') }));
    expect(screen.getByRole('alert')).toHaveTextContent('Loading it failed');
    rerender(show({ value: 'content', error: new Error('away') }));
    expect(screen.getByText('content')).toBeInTheDocument();
    expect(screen.getByRole('alert')).toHaveTextContent('out of date');
  });
});

describe('PersonName', () => {
  it('links people of the catalog, and only names machines and Git authors', async () => {
    renderInTestApp(
      <>
        <PersonName entityRef="user:default/ada" />
        <PersonName entityRef="service:external:demo" />
        <PersonName entityRef="plugin:ai-registry" />
        <PersonName entityRef="Grace <grace@example.com>" />
        <PersonName entityRef="service:training.71d5b72d-6a85-4266-b9fa-468d3d2d858d.1.87ac56f7" />
      </>,
      { mountedRoutes: { '/who/:kind/:namespace/:name': entityRouteRef } },
    );
    // Where the app has its catalog, not where Backstage puts it.
    expect(await screen.findByRole('link', { name: 'ada' })).toHaveAttribute(
      'href',
      '/who/user/default/ada',
    );
    expect(screen.getByText('demo')).toBeInTheDocument();
    expect(screen.getByText('Greenroom, by itself')).toBeInTheDocument();
    expect(screen.getByText('Grace')).toBeInTheDocument();
    expect(screen.getByText('A training job')).toBeInTheDocument();
  });

  it('only names people in an app without a catalog', async () => {
    renderInTestApp(<PersonName entityRef="user:default/ada" />);
    expect(await screen.findByText('ada')).toHaveAttribute(
      'title',
      'user:default/ada',
    );
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });
});

describe('states in words', () => {
  it('does not take missing traffic for health', () => {
    render(<HealthPill status="no-data" />);
    expect(screen.getByText('No traffic')).toBeInTheDocument();
  });

  it('does not take half a view for health', () => {
    render(<HealthPill status="partly-watched" />);
    expect(screen.getByText('Partly watched')).toBeInTheDocument();
  });

  it('tells screen readers which step runs, and how far it is', () => {
    render(
      <>
        <StepList
          label="Rollout"
          steps={[
            { title: 'Load', status: 'done' },
            { title: '10 %', status: 'running', detail: 'next in 5 s' },
            { title: 'Review', status: 'skipped', detail: 'Not needed.' },
          ]}
        />
        <ProgressBar value={1.7} label="Progress" />
      </>,
    );
    const [done, running, skipped] = screen.getAllByRole('listitem');
    expect(done).toHaveTextContent('Load (done)');
    expect(running).toHaveAttribute('aria-current', 'step');
    expect(running).toHaveTextContent('next in 5 s');
    expect(skipped).toHaveTextContent('Review (skipped)Not needed.');
    expect(within(skipped).getByText('(skipped)')).toBeVisible();
    expect(
      screen.getByRole('progressbar', { name: 'Progress' }),
    ).toHaveAttribute('aria-valuenow', '100');
  });
});
