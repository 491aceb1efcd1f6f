package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

// selfSigned is a certificate for a domain and its key, both as PEM.
func selfSigned(domain string) (certificate, key string) {
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: domain}, DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	signed := must(x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private))
	secret := must(x509.MarshalPKCS8PrivateKey(private))
	encode := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return encode("CERTIFICATE", signed), encode("PRIVATE KEY", secret)
}

func certificates() *hcloud.Certificate {
	text, key := selfSigned("www.example.com")
	certificate, _, err := client.Certificate.Create(ctx, hcloud.CertificateCreateOpts{Name: "certificate", Certificate: text, PrivateKey: key, Labels: labels})
	certificate = must(certificate, err)
	reads("Certificate", func(o *hcloud.Certificate) int64 { return o.ID }, certificate, "certificate", collection[*hcloud.Certificate, hcloud.CertificateListOpts]{
		client.Certificate.GetByID, client.Certificate.GetByName, client.Certificate.Get,
		client.Certificate.List, client.Certificate.All, client.Certificate.AllWithOpts,
	})
	check("Certificate: what it is for", func() error {
		return expect(len(certificate.DomainNames) == 1 && certificate.DomainNames[0] == "www.example.com", "%v", certificate.DomainNames)
	})
	check("Certificate: Update", func() error {
		_, _, err := client.Certificate.Update(ctx, certificate, hcloud.CertificateUpdateOpts{Name: "certificate-2"})
		return err
	})
	_, strange := selfSigned("www.example.com")
	refused("Certificate: the key of another one", hcloud.ErrorCodeInvalidInput, func() error {
		_, _, err := client.Certificate.Create(ctx, hcloud.CertificateCreateOpts{Name: "other", Certificate: text, PrivateKey: strange})
		return err
	})
	refused("Certificate: CreateCertificate, a managed one", hcloud.ErrorUnsupportedError, func() error {
		_, _, err := client.Certificate.CreateCertificate(ctx, hcloud.CertificateCreateOpts{
			Name: "managed", Type: hcloud.CertificateTypeManaged, DomainNames: []string{"example.com"},
		})
		return err
	})
	refused("Certificate: RetryIssuance of an uploaded one", hcloud.ErrorUnsupportedError, func() error {
		return done(client.Certificate.RetryIssuance(ctx, certificate))
	})
	actionsOf("Certificate", certificate, client.Certificate.Action, client.Certificate.Action.ListFor, client.Certificate.Action.AllFor)
	return certificate
}

func balancers(network *hcloud.Network, server *hcloud.Server) {
	certificate := certificates()
	made, _, err := client.LoadBalancer.Create(ctx, hcloud.LoadBalancerCreateOpts{
		Name: "balancer", LoadBalancerType: &hcloud.LoadBalancerType{Name: "lb11"}, Location: falkenstein, Labels: labels,
		Algorithm: &hcloud.LoadBalancerAlgorithm{Type: hcloud.LoadBalancerAlgorithmTypeRoundRobin},
	})
	balancer := must(made, err).LoadBalancer
	must(0, client.Action.WaitFor(ctx, made.Action))
	refresh := func() {
		found, _, err := client.LoadBalancer.GetByID(ctx, balancer.ID)
		balancer = must(found, err)
	}
	refresh()
	reads("LoadBalancer", func(o *hcloud.LoadBalancer) int64 { return o.ID }, balancer, "balancer", collection[*hcloud.LoadBalancer, hcloud.LoadBalancerListOpts]{
		client.LoadBalancer.GetByID, client.LoadBalancer.GetByName, client.LoadBalancer.Get,
		client.LoadBalancer.List, client.LoadBalancer.All, client.LoadBalancer.AllWithOpts,
	})
	services(balancer, certificate)
	balancerTargets(balancer, network, server)
	check("LoadBalancer: ChangeAlgorithm", func() error {
		return done(client.LoadBalancer.ChangeAlgorithm(ctx, balancer, hcloud.LoadBalancerChangeAlgorithmOpts{Type: hcloud.LoadBalancerAlgorithmTypeLeastConnections}))
	})
	check("LoadBalancer: ChangeType", func() error {
		return done(client.LoadBalancer.ChangeType(ctx, balancer, hcloud.LoadBalancerChangeTypeOpts{LoadBalancerType: &hcloud.LoadBalancerType{Name: "lb21"}}))
	})
	check("LoadBalancer: ChangeDNSPtr", func() error {
		return done(client.LoadBalancer.ChangeDNSPtr(ctx, balancer, balancer.PublicNet.IPv4.IP.String(), hcloud.Ptr("lb.example.com")))
	})
	check("LoadBalancer: GetMetrics", func() error {
		metrics, _, err := client.LoadBalancer.GetMetrics(ctx, balancer, hcloud.LoadBalancerGetMetricsOpts{
			Types: []hcloud.LoadBalancerMetricType{hcloud.LoadBalancerMetricOpenConnections, hcloud.LoadBalancerMetricBandwidth},
			Start: time.Now().Add(-time.Hour), End: time.Now(), Step: 60,
		})
		if err != nil {
			return err
		}
		return expect(len(metrics.TimeSeries) == 3, "%d series", len(metrics.TimeSeries))
	})
	check("LoadBalancer: Update", func() error {
		_, _, err := client.LoadBalancer.Update(ctx, balancer, hcloud.LoadBalancerUpdateOpts{Name: "balancer-2"})
		return err
	})
	protect := func(on bool) error {
		return done(client.LoadBalancer.ChangeProtection(ctx, balancer, hcloud.LoadBalancerChangeProtectionOpts{Delete: &on}))
	}
	check("LoadBalancer: ChangeProtection", func() error { return protect(true) })
	refused("LoadBalancer: deleting what is protected", hcloud.ErrorCodeProtected, func() error {
		_, err := client.LoadBalancer.Delete(ctx, balancer)
		return err
	})
	must(0, protect(false))
	actionsOf("LoadBalancer", balancer, client.LoadBalancer.Action, client.LoadBalancer.Action.ListFor, client.LoadBalancer.Action.AllFor)
	check("LoadBalancer: DeleteWithResult", func() error {
		result, _, err := client.LoadBalancer.DeleteWithResult(ctx, balancer)
		if err != nil {
			return err
		}
		return client.Action.WaitFor(ctx, result.Action)
	})
	check("Certificate: Delete", func() error {
		_, err := client.Certificate.Delete(ctx, certificate)
		return err
	})
}

func services(balancer *hcloud.LoadBalancer, certificate *hcloud.Certificate) {
	tcp := hcloud.LoadBalancerAddServiceOpts{
		Protocol: hcloud.LoadBalancerServiceProtocolTCP, ListenPort: hcloud.Ptr(6443), DestinationPort: hcloud.Ptr(6443), Proxyprotocol: hcloud.Ptr(true),
	}
	check("LoadBalancer: AddService over TCP", func() error { return done(client.LoadBalancer.AddService(ctx, balancer, tcp)) })
	refused("LoadBalancer: a port that is taken", hcloud.ErrorCodeSourcePortAlreadyUsed, func() error {
		return done(client.LoadBalancer.AddService(ctx, balancer, tcp))
	})
	check("LoadBalancer: AddService over HTTPS", func() error {
		return done(client.LoadBalancer.AddService(ctx, balancer, hcloud.LoadBalancerAddServiceOpts{
			Protocol: hcloud.LoadBalancerServiceProtocolHTTPS, ListenPort: hcloud.Ptr(443), DestinationPort: hcloud.Ptr(80),
			HTTP: &hcloud.LoadBalancerAddServiceOptsHTTP{
				Certificates: []*hcloud.Certificate{certificate}, RedirectHTTP: hcloud.Ptr(true), StickySessions: hcloud.Ptr(true),
				CookieName: hcloud.Ptr("CHOSEN"), CookieLifetime: hcloud.Ptr(time.Minute),
			},
			HealthCheck: &hcloud.LoadBalancerAddServiceOptsHealthCheck{
				Protocol: hcloud.LoadBalancerServiceProtocolHTTP, Port: hcloud.Ptr(80), Interval: hcloud.Ptr(5 * time.Second),
				Timeout: hcloud.Ptr(3 * time.Second), Retries: hcloud.Ptr(2),
				HTTP: &hcloud.LoadBalancerAddServiceOptsHealthCheckHTTP{Path: hcloud.Ptr("/healthz"), StatusCodes: []string{"2??", "301"}},
			},
		}))
	})
	check("LoadBalancer: UpdateService", func() error {
		if err := done(client.LoadBalancer.UpdateService(ctx, balancer, 6443, hcloud.LoadBalancerUpdateServiceOpts{DestinationPort: hcloud.Ptr(8443)})); err != nil {
			return err
		}
		found, _, err := client.LoadBalancer.GetByID(ctx, balancer.ID)
		if err != nil {
			return err
		}
		kept := map[int]hcloud.LoadBalancerService{}
		for _, service := range found.Services {
			kept[service.ListenPort] = service
		}
		return expect(kept[6443].DestinationPort == 8443 && kept[6443].Proxyprotocol && kept[443].HTTP.CookieName == "CHOSEN" &&
			kept[443].HTTP.CookieLifetime == time.Minute && kept[443].HealthCheck.HTTP.Path == "/healthz", "%+v", found.Services)
	})
	check("LoadBalancer: DeleteService", func() error { return done(client.LoadBalancer.DeleteService(ctx, balancer, 443)) })
	refused("LoadBalancer: a service that is not there", hcloud.ErrorCodeNotFound, func() error {
		return done(client.LoadBalancer.DeleteService(ctx, balancer, 443))
	})
}

func balancerTargets(balancer *hcloud.LoadBalancer, network *hcloud.Network, server *hcloud.Server) {
	private := hcloud.LoadBalancerAddServerTargetOpts{Server: server, UsePrivateIP: hcloud.Ptr(true)}
	refused("LoadBalancer: private targets without network", hcloud.ErrorCodeLoadBalancerNotAttachedToNetwork, func() error {
		return done(client.LoadBalancer.AddServerTarget(ctx, balancer, private))
	})
	check("LoadBalancer: AttachToNetwork", func() error {
		return done(client.LoadBalancer.AttachToNetwork(ctx, balancer, hcloud.LoadBalancerAttachToNetworkOpts{Network: network, IP: net.ParseIP("10.0.1.20")}))
	})
	must(0, done(client.Server.AttachToNetwork(ctx, server, hcloud.ServerAttachToNetworkOpts{Network: network})))
	check("LoadBalancer: AddServerTarget", func() error { return done(client.LoadBalancer.AddServerTarget(ctx, balancer, private)) })
	refused("LoadBalancer: the same target twice", hcloud.ErrorCodeTargetAlreadyDefined, func() error {
		return done(client.LoadBalancer.AddServerTarget(ctx, balancer, private))
	})
	check("LoadBalancer: RemoveServerTarget", func() error { return done(client.LoadBalancer.RemoveServerTarget(ctx, balancer, server)) })
	check("LoadBalancer: AddLabelSelectorTarget", func() error {
		return done(client.LoadBalancer.AddLabelSelectorTarget(ctx, balancer, hcloud.LoadBalancerAddLabelSelectorTargetOpts{Selector: "tier=web"}))
	})
	check("LoadBalancer: RemoveLabelSelectorTarget", func() error {
		return done(client.LoadBalancer.RemoveLabelSelectorTarget(ctx, balancer, "tier=web"))
	})
	refused("LoadBalancer: an address of somebody else", hcloud.ErrorCodeIPNotOwned, func() error {
		return done(client.LoadBalancer.AddIPTarget(ctx, balancer, hcloud.LoadBalancerAddIPTargetOpts{IP: net.ParseIP("192.0.2.77")}))
	})
	refused("LoadBalancer: RemoveIPTarget of none", "load_balancer_target_not_found", func() error {
		return done(client.LoadBalancer.RemoveIPTarget(ctx, balancer, net.ParseIP("192.0.2.77")))
	})
	check("LoadBalancer: DisablePublicInterface", func() error { return done(client.LoadBalancer.DisablePublicInterface(ctx, balancer)) })
	check("LoadBalancer: EnablePublicInterface", func() error { return done(client.LoadBalancer.EnablePublicInterface(ctx, balancer)) })
	check("LoadBalancer: DetachFromNetwork", func() error {
		return done(client.LoadBalancer.DetachFromNetwork(ctx, balancer, hcloud.LoadBalancerDetachFromNetworkOpts{Network: network}))
	})
	must(0, done(client.Server.DetachFromNetwork(ctx, server, hcloud.ServerDetachFromNetworkOpts{Network: network})))
}
