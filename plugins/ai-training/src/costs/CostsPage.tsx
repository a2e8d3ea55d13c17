import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Container, Header, Select } from '@backstage/ui';
import {
  BarList,
  EmptyState,
  formatNumber,
  Loaded,
  Panel,
  PersonName,
  PlainTable,
  ProgressBar,
  RouteLink,
  useEntityTitles,
  useLive,
} from '@greenroom/ai-react';
import type {
  BudgetUse,
  CostItem,
  DearJob,
  TrainingCosts,
} from '@greenroom/plugin-ai-training-common';
import type { FoundVersion } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { registryApiRef } from '../api/otherPlugins';
import { money } from '../jobs/words';
import { jobRouteRef, modelRouteRef, versionRouteRef } from '../routes';
import { byTeam, monthsUntil } from './costView';
import styles from './costs.module.css';

const POLL_MILLIS = 60_000;
const MONTHS = 12;
const MOST_VERSIONS = 100;

/** What training has cost in a month, who spent it on what, and what is left of budgets. */
export function CostsPage() {
  const training = useApi(aiTrainingApiRef);
  const registry = useApi(registryApiRef);
  const months = monthsUntil(new Date(), MONTHS);
  const [chosen, setChosen] = useState<string>();
  const month = months.find(({ from }) => from === chosen) ?? months[0];
  const live = useLive(
    async signal => {
      const { from, to } = month;
      const costs = await training.getCosts({ from, to }, { signal });
      return { costs, versions: await findVersions(costs.dearest, signal) };
    },
    [month.from, month.to],
    { pollMillis: POLL_MILLIS, keepPrevious: true },
  );

  /** What the jobs registered; nothing where the registry does not say. */
  async function findVersions(jobs: DearJob[], signal: AbortSignal) {
    if (jobs.length === 0) return [];
    const values = jobs.map(({ run }) => run);
    return registry
      .searchVersions(
        {
          conditions: [{ field: 'run', comparator: '=', values }],
          limit: MOST_VERSIONS,
        },
        { signal },
      )
      .then(
        ({ items }) => items,
        () => [],
      );
  }

  return (
    <>
      <Header
        title="Costs"
        description="What jobs took of flavors that have a price, from the moment that they had them. Of jobs that you may see."
        customActions={
          <Select
            aria-label="Month"
            size="small"
            value={month.from}
            onChange={key => key !== null && setChosen(String(key))}
            options={months.map(({ from, name }) => ({
              value: from,
              label: name,
            }))}
          />
        }
      />
      <Container>
        <Loaded live={live} what="the costs" skeleton={[120, 240]}>
          {({ costs, versions }) => (
            <Costs
              costs={costs}
              versions={versions}
              isNow={month === months[0]}
            />
          )}
        </Loaded>
      </Container>
    </>
  );
}

function Costs({
  costs: { items, dearest, budgets },
  versions,
  isNow,
}: {
  costs: TrainingCosts;
  versions: FoundVersion[];
  isNow: boolean;
}) {
  return (
    <div className={styles.page}>
      {isNow && budgets.length > 0 && <Budgets budgets={budgets} />}
      {items.length === 0 ? (
        <EmptyState
          title="Nothing was trained"
          description="What jobs cost is here as soon as one has begun. Flavors have their prices in greenroom.flavors."
        />
      ) : (
        <>
          <Teams items={items} />
          <Models items={items} />
        </>
      )}
      {dearest.length > 0 && <Dearest jobs={dearest} versions={versions} />}
    </div>
  );
}

function Budgets({ budgets }: { budgets: BudgetUse[] }) {
  const titleOf = useEntityTitles(budgets.map(({ team }) => team));
  return (
    <Panel title="Budgets of this month">
      <ul className={styles.budgets}>
        {budgets.map(({ team, amount, spent, currency, stops }) => (
          <li key={team} className={styles.budget}>
            <span>
              <PersonName entityRef={team} />: {money(spent, currency)} of{' '}
              {money(amount, currency)}
            </span>
            <ProgressBar
              label={`Budget of ${titleOf(team)} that is spent`}
              value={amount > 0 ? spent / amount : 1}
            />
            {spent >= amount && (
              <span>
                {stops
                  ? 'It is used up: jobs are ended, and new ones wait for the next month.'
                  : 'It is used up: new jobs wait for the next month.'}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Teams({ items }: { items: CostItem[] }) {
  const titleOf = useEntityTitles(items.map(({ team }) => team));
  return (
    <div className={styles.charts}>
      {byTeam(items).map(({ currency, teams }) => (
        <Panel
          key={currency ?? ''}
          title={
            currency === undefined
              ? 'Teams, on flavors without a price'
              : `Teams, in ${currency}`
          }
        >
          <BarList
            label={
              currency === undefined
                ? 'Hours of units by team'
                : `Costs by team in ${currency}`
            }
            items={teams.map(({ team, value }) => ({
              label: titleOf(team),
              value,
            }))}
            formatValue={value =>
              currency === undefined
                ? `${formatNumber(value)} h`
                : money(value, currency)
            }
          />
        </Panel>
      ))}
    </div>
  );
}

function Models({ items }: { items: CostItem[] }) {
  const toModel = useRouteRef(modelRouteRef);
  return (
    <Panel title="Models">
      <PlainTable
        label="Costs by team and model"
        columns={['Model', 'Team', 'Jobs', 'Hours of units', 'Cost']}
        look="rows"
      >
        {items.map(({ team, model, currency, amount, unitHours, jobs }) => (
          <tr key={`${team} ${model} ${currency}`}>
            <th scope="row">
              {model === undefined ? (
                'none named'
              ) : (
                <RouteLink to={toModel?.({ name: model })}>{model}</RouteLink>
              )}
            </th>
            <td>
              <PersonName entityRef={team} />
            </td>
            <td>{jobs}</td>
            <td>{formatNumber(unitHours)}</td>
            <td>
              {currency === undefined ? 'no price' : money(amount, currency)}
            </td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}

function Dearest({
  jobs,
  versions,
}: {
  jobs: DearJob[];
  versions: FoundVersion[];
}) {
  const toJob = useRouteRef(jobRouteRef);
  const toVersion = useRouteRef(versionRouteRef);
  return (
    <Panel
      title="Dearest jobs"
      description="And the versions that they registered."
    >
      <PlainTable
        label="Dearest jobs"
        columns={['Job', 'Team', 'Versions', 'Cost']}
        look="rows"
      >
        {jobs.map(({ id, name, run, team, currency, amount }) => (
          <tr key={`${id} ${currency}`}>
            <th scope="row">
              <RouteLink to={toJob?.({ id })}>{name}</RouteLink>
            </th>
            <td>
              <PersonName entityRef={team} />
            </td>
            <td>
              {versions
                .filter(({ source }) => source.run === run)
                .map(({ model, version }) => (
                  <RouteLink
                    key={`${model} ${version}`}
                    to={toVersion?.({ name: model, version: String(version) })}
                  >
                    {model} {version}
                  </RouteLink>
                ))}
            </td>
            <td>{money(amount, currency)}</td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}
