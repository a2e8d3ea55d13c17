import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Container, Header } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  useLive,
  useModelTitle,
} from '@greenroom/ai-react';
import { useParams, useSearchParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { modelRouteRef } from '../routes';
import { ComparisonView } from './ComparisonView';
import { VersionPicker } from './VersionPicker';

/** Versions that can be picked. */
const VERSION_LIMIT = 100;

/** Versions never change, so their comparison is not asked for again while one looks at it. */
const POLL_MILLIS = 3_600_000;

/** Two versions side by side. */
export function ComparePage() {
  const { name = '' } = useParams();
  const [params, setParams] = useSearchParams();
  const base = versionParam(params.get('base'));
  const candidate = versionParam(params.get('candidate'));
  const registry = useApi(aiRegistryApiRef);
  const modelLink = useRouteRef(modelRouteRef);
  const title = useModelTitle(name);
  const versions = useLive(
    signal => registry.listVersions(name, { limit: VERSION_LIMIT }, { signal }),
    [name],
    { pollMillis: POLL_MILLIS },
  );
  const comparison = useLive(
    async signal =>
      base === undefined || candidate === undefined
        ? null
        : registry.compareVersions(name, base, candidate, { signal }),
    [name, base, candidate],
    { pollMillis: POLL_MILLIS },
  );

  return (
    <BreadcrumbEntry
      entry={{ label: title, href: modelLink?.({ name }) ?? '..' }}
    >
      <BreadcrumbEntry entry={{ label: 'Compare', href: 'compare' }}>
        <Header
          title={`Compare versions of ${title}`}
          metadata={[{ label: 'Model', value: <code>{name}</code> }]}
        />
        <Container>
          <VersionPicker
            versions={versions.value?.items.map(item => item.version) ?? []}
            base={base}
            candidate={candidate}
            onChange={picked =>
              setParams(
                Object.fromEntries(
                  Object.entries(picked).flatMap(([key, value]) =>
                    value === undefined ? [] : [[key, String(value)]],
                  ),
                ),
                { replace: true },
              )
            }
          />
          <Loaded live={comparison} what="the comparison" skeleton={[200, 160]}>
            {value =>
              value ? (
                <ComparisonView comparison={value} />
              ) : (
                <EmptyState
                  title="Choose two versions"
                  description="The differences of their metrics, signatures and tags appear here."
                />
              )
            }
          </Loaded>
        </Container>
      </BreadcrumbEntry>
    </BreadcrumbEntry>
  );
}

function versionParam(text: string | null): number | undefined {
  const version = Number(text);
  return Number.isInteger(version) && version > 0 ? version : undefined;
}
