using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Engines.Ray;

namespace Governance.Jobs.Tests.Engines;

/// <summary>The conformance suite on a real Kubernetes, where one is given; temporary folders (<c>TMPDIR</c>) must lie under the mount path.</summary>
public sealed class RealKubernetesTests : EngineConformance, IDisposable
{
    private readonly List<KubernetesEngine> engines = [];

    protected override bool Outlives => true;

    protected override IShardEngine Engine()
    {
        var kubeconfig = Environment.GetEnvironmentVariable("GOVERNANCE_TEST_KUBECONFIG");
        Assert.SkipUnless(kubeconfig is not null, "No Kubernetes: GOVERNANCE_TEST_KUBECONFIG is not set (with GOVERNANCE_TEST_KUBE_IMAGE, _CLAIM and _MOUNT).");
        engines.Add(new KubernetesEngine(new KubernetesOptions
        {
            Access = Kubeconfig.Read(kubeconfig),
            Image = Environment.GetEnvironmentVariable("GOVERNANCE_TEST_KUBE_IMAGE")!,
            Claim = Environment.GetEnvironmentVariable("GOVERNANCE_TEST_KUBE_CLAIM")!,
            MountPath = Environment.GetEnvironmentVariable("GOVERNANCE_TEST_KUBE_MOUNT")!,
        }, TimeProvider.System));
        return engines[^1];
    }

    protected override IShardEngine Restarted() => Engine();

    public void Dispose() => engines.ForEach(e => e.Dispose());
}

/// <summary>The conformance suite on a real Ray, where one is given; its nodes must see the temporary folders.</summary>
public sealed class RealRayTests : EngineConformance, IDisposable
{
    private readonly List<RayEngine> engines = [];

    protected override bool Outlives => true;

    protected override IShardEngine Engine()
    {
        var url = Environment.GetEnvironmentVariable("GOVERNANCE_TEST_RAY");
        Assert.SkipUnless(url is not null, "No Ray: GOVERNANCE_TEST_RAY, the address of its dashboard, is not set.");
        engines.Add(new RayEngine(new RayOptions { Url = new Uri(url) }));
        return engines[^1];
    }

    protected override IShardEngine Restarted() => Engine();

    public void Dispose() => engines.ForEach(e => e.Dispose());
}
