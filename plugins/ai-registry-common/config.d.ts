import type { HumanDuration } from '@backstage/types';

export interface Config {
  greenroom?: {
    /**
     * Kinds of machines that the platform has, such as kinds of GPUs. Model servers and trials on Kubernetes
     * ask for them by name.
     */
    flavors?: {
      /** Lower-case letters, digits and dashes. */
      name: string;
      /** @default the name */
      title?: string;
      /** What one of it takes of a node, as Kubernetes writes quantities, such as { nvidia.com/gpu: 1, memory: 32Gi }. */
      resources: { [resource: string]: string | number };
      /** Labels of the nodes that have it. */
      nodeSelector?: { [label: string]: string };
      /** Of its pods, as Kubernetes writes them. */
      tolerations?: {
        key?: string;
        operator?: 'Exists' | 'Equal';
        value?: string;
        effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
      }[];
      /** Name of the RuntimeClass of its pods. */
      runtimeClass?: string;
      /** What one of it costs while it runs. */
      pricePerHour?: number;
      /**
       * ISO 4217.
       * @default USD
       */
      currency?: string;
      /** How many there are in all; without it, what the cluster's nodes say. */
      capacity?: number;
    }[];
    /**
     * Where versions run, in the order of promotion. Each has a folder in the environments
     * repository and an alias of its name that only Git moves. Without it: dev, staging and
     * production.
     */
    environments?: {
      /**
       * 2 to 40 lower-case letters, digits and dashes that begin with a letter.
       * @visibility frontend
       */
      name: string;
      /**
       * @default the name
       * @visibility frontend
       */
      title?: string;
      /**
       * An environment that stands before it: only a version that runs there, or ran there, is
       * promoted to this one. Without it, any version is.
       * @visibility frontend
       */
      promotesFrom?: string;
      /**
       * What happens to new versions of models whose manifests do not say (spec.automatedPromotion).
       * `propose`: a promotion is opened. `merge`: it is merged too, when all gates are green. Without it,
       * somebody has to ask.
       */
      newVersions?: 'propose' | 'merge';
      /**
       * Ids of own gates (`aiRegistry.promotion.ownGates`) that are asked once a version has all traffic here: only one
       * that passes them goes on to the next environment.
       */
      verification?: string[];
      /** @deepVisibility frontend */
      approvals?: {
        /**
         * How many people other than the requester have to approve a promotion, 1 to 10.
         * @default 1
         */
        count?: number;
        /**
         * Entity refs of groups, such as group:default/ml-platform: only approvals of their members
         * count. Without it, those of everybody who may review.
         */
        groups?: string[];
      };
      /**
       * Settings of gates in this environment, by the name of the gate, over those under
       * `aiRegistry.promotion.gates`.
       */
      gates?: {
        [gate: string]: {
          mode?: 'required' | 'report' | 'off';
          [setting: string]: unknown;
        };
      };
      /**
       * How long a version serves in the environment that `promotesFrom` names, before it may come to
       * this one: a duration such as { hours: 12 }, 90m or P2D. Without it, it may at once.
       * @deepVisibility frontend
       */
      soak?: HumanDuration | string;
      /**
       * Times at which nothing is merged for this environment.
       * @deepVisibility frontend
       */
      freeze?: {
        /** Recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR. */
        rrule: string;
        /**
         * The first moment that it may begin at, on the clocks of its time zone; it says the time of day.
         * @default 2024-01-01T00:00
         */
        start?: string;
        /** How long each lasts: { days: 2, hours: 14 }, 90m or P2DT14H. Days are those of the calendar. */
        duration: HumanDuration | string;
        /** Name of the time zone, such as Europe/Zurich. */
        timeZone: string;
        /** Shown to who waits. */
        reason: string;
      }[];
      /**
       * The only times at which anything is merged for it. Without it, any; rollbacks do not wait.
       * @deepVisibility frontend
       */
      schedule?: {
        /** Recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR. */
        rrule: string;
        /**
         * The first moment that it may begin at, on the clocks of its time zone; it says the time of day.
         * @default 2024-01-01T00:00
         */
        start?: string;
        /** How long each lasts: { days: 2, hours: 14 }, 90m or P2DT14H. Days are those of the calendar. */
        duration: HumanDuration | string;
        /** Name of the time zone, such as Europe/Zurich. */
        timeZone: string;
        /** Shown to who waits. */
        reason: string;
      }[];
      /** @deepVisibility frontend */
      dataPlane?: {
        /**
         * Where callers reach the data planes, such as https://models.example.com. Without it,
         * pages show where each data plane says that it is.
         */
        address?: string;
      };
      /**
       * How data planes come to be. `none`: whoever runs the portal starts them, with a token of
       * the environment. `local`: the control plane runs one on its own machine while it is needed
       * (`aiInference.localDataPlanes` says where it keeps its data). `kubernetes`: the control
       * plane has a cluster run them, as a Deployment with what belongs to it.
       * @default none
       * @visibility frontend
       */
      deployer?:
        | 'none'
        | 'local'
        | {
            /** @visibility frontend */
            kind: 'none' | 'local';
            /**
             * Where a local one listens, on 127.0.0.1; any free port when left out.
             * @visibility frontend
             */
            port?: number;
            /**
             * Minutes that a local one runs on after the last request, change or try.
             * @default 15
             * @visibility frontend
             */
            idleMinutes?: number;
          }
        | {
            /** @visibility frontend */
            kind: 'kubernetes';
            /**
             * Name of the cluster among `kubernetes.clusterLocatorMethods` of type config; the one that
             * the control plane runs in when left out.
             * @visibility frontend
             */
            cluster?: string;
            /**
             * Where everything is made. It has to be there already.
             * @visibility frontend
             */
            namespace: string;
            /**
             * Image of the data plane (`@greenroom/inference-server`), with its tag or digest.
             * @visibility frontend
             */
            image: string;
            /**
             * Pods: a number, or from `min` to `max` as their processors are busy.
             * @default 1
             * @deepVisibility frontend
             */
            replicas?: number | { min?: number; max?: number };
            /**
             * What more pods than `min` are started for; each is what one pod may have in the mean, and of several the
             * one that asks for most pods counts. Requests need `aiInference.kubernetes.metrics`.
             * @default { cpuPercent: 70 }
             * @deepVisibility frontend
             */
            scaleOn?: {
              /** Of the processor time that a pod is given, 1 to 100; needs Kubernetes' metrics server. */
              cpuPercent?: number;
              /** Requests that are answered at the same time, and those that wait. */
              requestsInFlight?: number;
              /** Requests that wait for a batch. */
              requestsQueued?: number;
            };
            /**
             * Name of one of `greenroom.flavors`: pods run on its nodes, and are given what one of it takes.
             * Whatever it does not say, `resources` and `nodeSelector` do; both may not say the same.
             * @visibility frontend
             */
            flavor?: string;
            /**
             * What each pod is given.
             * @deepVisibility frontend
             */
            resources?: {
              /** @default 500m */
              cpu?: string;
              /** @default 1Gi */
              memory?: string;
            };
            /**
             * Where pods reach the portal; `backend.baseUrl` when left out.
             * @visibility frontend
             */
            controlPlaneUrl?: string;
            /**
             * Labels of the nodes that pods may run on.
             * @deepVisibility frontend
             */
            nodeSelector?: { [label: string]: string };
            /**
             * Annotations of the Service.
             * @deepVisibility frontend
             */
            serviceAnnotations?: { [annotation: string]: string };
            /**
             * A Secret of the namespace whose keys are the variables that connections name as env:NAME.
             * @visibility frontend
             */
            secretName?: string;
            /**
             * What happens where somebody else has changed what the control plane has made: it is put
             * right again, or only told.
             * @default repair
             * @visibility frontend
             */
            drift?: 'repair' | 'report';
            /**
             * Minutes that they run on after the last request, change or try. When left out, they run as
             * long as something is deployed there.
             * @visibility frontend
             */
            idleMinutes?: number;
            /**
             * Whether they speak the Open Inference Protocol over gRPC, too, at port 7082.
             * @default false
             * @visibility frontend
             */
            grpc?: boolean;
            /**
             * Has an HTTPRoute lead callers from outside to them, where the cluster has Gateway API.
             * @deepVisibility frontend
             */
            route?: {
              /** Name of the Gateway. */
              gateway: string;
              /** Where it is; the namespace of the environment when left out. */
              gatewayNamespace?: string;
              /** Which of its listeners; all when left out. */
              sectionName?: string;
              /** Names that callers use; those of the listener when left out. */
              hostnames?: string[];
            };
            /**
             * Servers that run models which data planes ask, beside them in their namespace and as long as they run.
             * Connections name them by `server`.
             */
            modelServers?: {
              /** Unique in its environment: at most 32 lower-case letters, digits and dashes. */
              name: string;
              /** Gives defaults that such a server needs; what is said beside it counts. */
              template?: 'triton' | 'vllm';
              /** What it speaks; needed without a template. */
              protocol?: 'open-inference' | 'openai';
              image: string;
              /** What its image's own program is given. */
              args?: string[];
              /** Variables; no secrets. */
              env?: { [name: string]: string };
              /** A Secret of the namespace whose keys are variables, too. */
              secretName?: string;
              /** Name of one of `greenroom.flavors`: its pods run on its nodes, and are given what one of it takes. */
              flavor?: string;
              /**
               * How many of its flavor a pod takes.
               * @default 1
               */
              count?: number;
              /** What a pod is given that the flavor does not say. */
              resources?: { cpu?: string; memory?: string };
              /** @default 1 */
              replicas?: number;
              /** Needed without a template. */
              port?: number;
              /** Where it speaks the Open Inference Protocol over gRPC. */
              grpcPort?: number;
              /**
               * Answers 200 as soon as its models are loaded.
               * @default /v2/health/ready, or /health where it speaks openai
               */
              readinessPath?: string;
              /**
               * How long a pod may take until it is ready.
               * @default 10, or 30 with the template vllm
               */
              startupMinutes?: number;
              /** What lies in the namespace already, such as a folder with models. */
              volumes?: {
                /** Name of a PersistentVolumeClaim. */
                claimName: string;
                mountPath: string;
                /** @default true */
                readOnly?: boolean;
              }[];
              /** Size of /dev/shm, such as 2Gi. It counts as memory of the pod. */
              sharedMemory?: string;
              /**
               * Whether a new pod is made before an old one goes. Say no where its machine has no room for both.
               * @default true
               */
              surge?: boolean;
              /** Number of the user that it runs as; that of the image when left out. */
              user?: number;
            }[];
          };
      /**
       * What the logical connections that external models name are here, by name. Never secrets:
       * each is named by where it lies on the data plane, as env:NAME or file:NAME.
       */
      connections?: {
        [name: string]: {
          /** Kind of the provider: openai, azure-openai, vertex-ai, sagemaker, hugging-face, openai-compatible, local. Left out where there are upstreams. */
          kind?: string;
          /** Several services that share the calls, in the place of kind and settings; at most 20. */
          upstreams?: {
            /** Its own name, unique among them: lower-case letters, digits and dashes. Its position, from 1, when left out. */
            name?: string;
            /** Its share of the calls, compared with the others': above 0, up to 1000; 1 when left out. */
            weight?: number;
            /** As of a connection. */
            kind: string;
            [setting: string]: unknown;
          }[];
          /** ISO 4217, of the prices. USD when left out. */
          currency?: string;
          /** What a million tokens cost, by the name of a model as its provider calls it. Data planes do not learn them. */
          prices?: {
            [model: string]: {
              input: number;
              output: number;
              /** Of input that the provider had computed before; as input when left out. */
              cachedInput?: number;
            };
          };
          /**
           * What a connection of this kind needs, such as baseUrl and secret. In the place of baseUrl, open-inference and
           * openai-compatible take server: the name of one of deployer.modelServers.
           */
          [setting: string]: unknown;
        };
      };
    }[];
  };
}
