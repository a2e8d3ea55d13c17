import { useApi } from '@backstage/core-plugin-api';
import {
  Loaded,
  Panel,
  PlainTable,
  StatusPill,
  useLive,
} from '@greenroom/ai-react';
import {
  type Deployment,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { modelsApiRef } from '../api/ModelsApi';
import { compareSides, type Side } from './compareSides';
import styles from './deployments.module.css';

const COLUMNS = ['Where', 'Says', 'Agrees'];

/** Which version Git, the alias, the rollout, data planes and what runs them speak of, side by side. */
export function SidesPanel({ deployment }: { deployment: Deployment }) {
  const { environment, model } = deployment;
  const inference = useApi(aiInferenceApiRef);
  const registry = useApi(modelsApiRef);
  const sides = useLive(
    async signal => {
      const [desired, found, environments] = await Promise.all([
        registry.listDesiredDeployments(environment, { model, signal }),
        registry.getModel(model, { signal }),
        inference.listEnvironments({ signal }),
      ]);
      return {
        manifest: desired.items.find(item => item.model === model),
        alias: found.aliases.find(({ alias }) => alias === environment),
        run: environments.items.find(item => item.environment === environment)
          ?.run,
      };
    },
    [environment, model],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000, keepPrevious: true },
  );
  return (
    <Panel
      title="From Git to what serves"
      description="Where a change goes through. The first line that differs is where it is now."
    >
      <Loaded
        live={sides}
        what="what Git and the alias say"
        skeleton={[32, 32]}
      >
        {known => (
          <PlainTable
            label="Table: From Git to what serves"
            columns={COLUMNS}
            look="facts"
          >
            {compareSides({ deployment, ...known }).map(side => (
              <SideRow key={side.name} side={side} />
            ))}
          </PlainTable>
        )}
      </Loaded>
    </Panel>
  );
}

function SideRow({ side: { name, says, differs } }: { side: Side }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{says}</td>
      <td>
        <StatusPill tone={differs ? 'warning' : 'good'}>
          {differs ? 'Differs' : 'Agrees'}
        </StatusPill>
        {differs && <p className={styles.subtle}>{differs}</p>}
      </td>
    </tr>
  );
}
