import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { CodeBlock, Panel, RouteLink } from '@greenroom/ai-react';
import { keysRouteRef } from '../routes';
import type { Snippet } from './snippets';

/** The same call for a terminal or a program. */
export function CallSnippets({
  snippets,
  namesVersion,
}: {
  snippets: Snippet[];
  /** Whether they ask one version by its name. */
  namesVersion: boolean;
}) {
  const toKeys = useRouteRef(keysRouteRef);
  return (
    <Panel
      title="The same call from your program"
      description={
        <>
          It goes to the data plane, not through the portal, and needs a key in
          GREENROOM_KEY: <RouteLink to={toKeys?.()}>issue one</RouteLink>.
          {namesVersion && ' To name a version it needs the scope for that.'}
        </>
      }
    >
      <Tabs>
        <TabList>
          {snippets.map(({ id, title }) => (
            <Tab key={id} id={id}>
              {title}
            </Tab>
          ))}
        </TabList>
        {snippets.map(({ id, title, code }) => (
          <TabPanel key={id} id={id}>
            <CodeBlock code={code} language={title} />
          </TabPanel>
        ))}
      </Tabs>
    </Panel>
  );
}
