// @ts-check
import { LATE_NAMESPACE, NAMESPACE } from './ClusterStage.mjs';
import { SMALL } from './Story.mjs';

const isRunning = ({ state, problem }) =>
  state === 'running' && problem === undefined;

export const rightsScenes = [
  {
    name: 'a Role that may not write Deployments',
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check }) {
      await story.untilEnded(
        await story.merge(await story.register(SMALL), {
          environment: 'staging',
        }),
      );
      await story.operate('staging', false);
      const slept = await story.untilLine(
        'staging',
        ({ state }) => state === 'asleep',
        { seconds: 90 },
      );
      check('staging sleeps', slept.holds, JSON.stringify(slept.value));
      await cluster.grant(NAMESPACE, ({ resources, verbs }) =>
        resources.includes('deployments')
          ? verbs.filter(verb => verb !== 'create' && verb !== 'patch')
          : verbs,
      );
      await story.operate('staging', true);
      const said = await story.untilLine('staging', ({ reason }) =>
        /Deployment models\/greenroom-staging cannot be applied: .*is forbidden/.test(
          reason ?? '',
        ),
      );
      check(
        'the line names the object and the right',
        said.holds && said.value.state === 'failing',
        JSON.stringify(said.value),
      );
      const production = await story.line();
      check(
        'what runs is left alone',
        isRunning(production),
        JSON.stringify(production),
      );
      await cluster.grant(NAMESPACE);
      const again = await story.untilLine('staging', isRunning, {
        seconds: 200,
      });
      check(
        'once it is granted, it goes on by itself',
        again.holds,
        `${again.seconds.toFixed(0)} s: ${JSON.stringify(again.value)}`,
      );
      const agreement = await story.agreement('staging');
      check(
        'main, the alias, what is wanted and what serves agree',
        agreement.holds,
        agreement.detail,
      );
    },
  },
  {
    name: 'a namespace that is not there, and whose quota lets nothing in',
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check }) {
      const version = await story.register(SMALL);
      const id = await story.merge(version, { environment: 'late' });
      const said = await story.untilLine(
        'late',
        run => JSON.stringify(run).includes(LATE_NAMESPACE),
        { seconds: 90 },
      );
      check(
        'the line names the namespace',
        said.holds,
        JSON.stringify(said.value),
      );
      const page = await story.untilPromotion(id, ({ steps }) =>
        steps.some(({ waitingFor }) => waitingFor?.includes(LATE_NAMESPACE)),
      );
      check("the promotion's page says it, too", page.holds);
      await cluster.core.createNamespace({
        body: {
          metadata: {
            name: LATE_NAMESPACE,
            labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
          },
        },
      });
      await cluster.core.createNamespacedResourceQuota({
        namespace: LATE_NAMESPACE,
        body: { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } },
      });
      await cluster.grant(LATE_NAMESPACE);
      const refused = await story.untilLine(
        'late',
        ({ problem }) => /exceeded quota/.test(problem ?? ''),
        { seconds: 200 },
      );
      check(
        'where a quota refuses its pods, the line has the words of the cluster',
        refused.holds,
        JSON.stringify(refused.value),
      );
      await cluster.core.deleteNamespacedResourceQuota({
        namespace: LATE_NAMESPACE,
        name: 'none',
      });
      const {
        state: { outcome },
      } = await story.untilEnded(id, { seconds: 400 });
      check(
        'once the quota is gone it serves, also under Pod Security restricted',
        outcome?.kind === 'serving',
        outcome?.note,
      );
      const agreement = await story.agreement('late');
      check(
        'main, the alias, what is wanted and what serves agree',
        agreement.holds && agreement.version === version,
        agreement.detail,
      );
    },
  },
  {
    name: 'a cluster that does not serve an API that is asked for',
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check }) {
      await cluster.stopApi();
      await cluster.startApi({ withoutApis: ['autoscaling/v2', 'policy/v1'] });
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'greenroom-late', namespace: LATE_NAMESPACE },
      };
      await cluster.objects.delete(service);
      const said = await story.untilLine(
        'late',
        ({ problem }) =>
          /does not serve PodDisruptionBudget of policy\/v1/.test(
            problem ?? '',
          ) &&
          /does not serve HorizontalPodAutoscaler of autoscaling\/v2/.test(
            problem ?? '',
          ),
        { seconds: 150 },
      );
      check(
        'the line says which, and that its pods run',
        said.holds && said.value.state === 'running',
        JSON.stringify(said.value),
      );
      const remade = await cluster.objects.read(service).catch(() => undefined);
      check('what it does serve is put right', remade !== undefined);
      await cluster.stopApi();
      await cluster.startApi();
      const quiet = await story.untilLine(
        'late',
        ({ problem }) => !/does not serve/.test(problem ?? ''),
        { seconds: 400 },
      );
      check(
        'it goes on by itself when it serves them again',
        quiet.holds,
        JSON.stringify(quiet.value),
      );
    },
  },
];
