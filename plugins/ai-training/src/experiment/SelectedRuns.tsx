import { Button, Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { Panel } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import type { ComponentType } from 'react';
import { CorrelationPanel } from '../compare/CorrelationPanel';
import { DifferencesPanel } from '../compare/DifferencesPanel';
import { ParallelPanel } from '../compare/ParallelPanel';
import { PointsPanel } from '../compare/PointsPanel';
import { CurvesPanel } from '../curves/CurvesPanel';
import styles from './experiment.module.css';
import { type ExperimentView, type Tab as TabId, TABS } from './view';

interface SelectedRunsProps {
  runs: Run[];
  view: ExperimentView;
  onChange(changes: Partial<ExperimentView>): void;
}

const PANELS: Record<TabId, ComponentType<SelectedRunsProps>> = {
  curves: CurvesPanel,
  differences: DifferencesPanel,
  points: PointsPanel,
  parallel: ParallelPanel,
  correlation: CorrelationPanel,
};

/** What the chosen runs measured, and in what they differ. */
export function SelectedRuns(props: SelectedRunsProps) {
  const { runs, view, onChange } = props;
  return (
    <Panel
      title={
        runs.length === 1 ? '1 selected run' : `${runs.length} selected runs`
      }
      actions={
        <Button
          size="small"
          variant="secondary"
          onPress={() => onChange({ selected: [] })}
        >
          Select none
        </Button>
      }
    >
      <Tabs
        selectedKey={view.tab}
        onSelectionChange={chosen => {
          const tab = TABS.find(({ id }) => id === chosen);
          if (tab) onChange({ tab: tab.id });
        }}
      >
        <div className={styles.tabs}>
          <TabList>
            {TABS.map(({ id, title }) => (
              <Tab key={id} id={id}>
                {title}
              </Tab>
            ))}
          </TabList>
        </div>
        {TABS.map(({ id }) => {
          const Content = PANELS[id];
          return (
            <TabPanel key={id} id={id}>
              <Content {...props} />
            </TabPanel>
          );
        })}
      </Tabs>
    </Panel>
  );
}
