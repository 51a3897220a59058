using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Evidence;

namespace Governance.Jobs.Tests;

public sealed class CheckEvidenceTests
{
    [Fact]
    public void What_is_sealed_opens_and_the_result_s_digest_does_not_depend_on_the_run()
    {
        using var signer = new EcdsaEvidenceSigner(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var result = new CheckResult
        {
            Check = "validation.discrimination", CheckVersion = "1", Family = CheckFamily.Validation, Summary = "AUC 0.80.", Parameters = new JsonObject(), Rows = 10,
            Measures = [new Measure { Name = "auc", Value = 0.8 }],
        };
        var model = StatementSubject.Of(StatementSubject.Model, Digest.Of("model"u8));
        var opened = new[] { Facts("run-1", 1), Facts("run-2", 16) }
            .Select(f => EvidenceEnvelope.Open(CheckEvidence.Seal(result, [model], f, signer), signer)!).ToList();

        Assert.Equal(opened[0].Statement.Predicate.ResultDigest, opened[1].Statement.Predicate.ResultDigest);
        Assert.NotEqual(opened[0].Envelope, opened[1].Envelope);
        Assert.Equal(Digest.Of("model"u8).Hex, opened[0].Subject(StatementSubject.Model));
    }

    [Fact]
    public void The_provenance_names_the_code_and_the_runtime()
    {
        Assert.Contains("Governance.Checks", Provenance.Code, StringComparison.Ordinal);
        Assert.Contains("mvid:", Provenance.Code, StringComparison.Ordinal);
        Assert.Matches(@"^ONNX Runtime \d+\.\d+", Provenance.Runtime);
    }

    private static RunFacts Facts(string run, int shards) =>
        new(run, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), shards, Provenance.Code, "local", Provenance.Runtime, Provenance.Platform);
}
