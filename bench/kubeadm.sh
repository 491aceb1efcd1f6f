# Bare kubeadm on machines that have everything but a cluster: what a person would type, and no more.
# Arguments: `reset`, `init VERSION CGROUP-DRIVER`, or `join COMMAND...`.
set -euo pipefail
ignore=--ignore-preflight-errors=all

case $1 in
  reset)
    kubeadm reset --force >/dev/null 2>&1 || true
    rm -rf /etc/kubernetes/* /var/lib/etcd/* /etc/cni/net.d/* /var/lib/cni
    ip link delete cni0 2>/dev/null || true
    ip link delete flannel.1 2>/dev/null || true
    nft delete table ip kube-proxy 2>/dev/null || true
    ;;
  init)
    address=$(ip -o -4 address show dev enp7s0 | awk '{ sub("/.*", "", $4); print $4 }')
    cat >/root/kubeadm.yaml <<CONFIGURATION
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: $address }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v$2
controlPlaneEndpoint: $address:6443
networking: { podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/16 }
dns: { imageTag: $4 }
etcd: { local: { imageTag: $5 } }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: $3
failCgroupV1: false
failSwapOn: false
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s }
CONFIGURATION
    kubeadm init --config /root/kubeadm.yaml --upload-certs $ignore >/root/kubeadm.log 2>&1 || { tail -n 20 /root/kubeadm.log >&2; exit 1; }
    key=$(grep -o -- '--certificate-key [0-9a-f]*' /root/kubeadm.log | head -n 1)
    join=$(KUBECONFIG=/etc/kubernetes/admin.conf kubeadm token create --print-join-command)
    printf '%s\n%s\n' "$join" "$join --control-plane $key"
    ;;
  join)
    shift
    "$@" $ignore >/root/kubeadm.log 2>&1 || { tail -n 20 /root/kubeadm.log >&2; exit 1; }
    ;;
esac
