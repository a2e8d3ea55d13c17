// The control plane of Kubernetes as one program: the name it is called by, or its first argument,
// says which part it is. One binary compiles and links once what the parts share.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	etcd "go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

var parts = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          newScheduler,
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
}

func newScheduler() *cobra.Command { return scheduler.NewSchedulerCommand() }

// endWithParent ends this process when the one that started it has gone, however it went: the system
// closes its end of the standard input then.
func endWithParent() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

func main() {
	if os.Getenv("GREENROOM_TEST_END_WITH_STDIN") == "true" {
		endWithParent()
	}
	name := filepath.Base(os.Args[0])
	if _, known := parts[name]; !known && name != "etcd" && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		name = os.Args[0]
	}
	if name == "etcd" {
		etcd.Main(os.Args)
		return
	}
	command, known := parts[name]
	if !known {
		fmt.Fprintln(os.Stderr, "Say a part first: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kubectl.")
		os.Exit(2)
	}
	os.Exit(cli.Run(command()))
}
