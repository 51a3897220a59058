using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Evidence;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Evidence;

public sealed class EvidenceEnvelopeTests : IDisposable
{
    private readonly EcdsaEvidenceSigner signer = new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public void Dispose() => signer.Dispose();

    /// <summary>secure-systems-lab/dsse, protocol.md.</summary>
    [Fact]
    public void The_pre_authentication_encoding_is_that_of_the_specification() => Assert.Equal(
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
        Encoding.UTF8.GetString(Dsse.PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"u8)));

    [Fact]
    public void Lengths_are_of_bytes() => Assert.Equal(
        "DSSEv1 2 ü 3 €", Encoding.UTF8.GetString(Dsse.PreAuthenticationEncoding("ü", "€"u8)));

    /// <summary>The protocol's reference vector: key and signature of the specification, verified with this code's encoding.</summary>
    [Fact]
    public void The_reference_signature_of_the_specification_verifies()
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Unsigned("46950820868899156662930047687818585632848591499744589407958293238635476079160"),
                Y = Unsigned("5640078356564379163099075877009565129882514886557779369047442380624545832820"),
            },
        });
        var signature = Convert.FromBase64String("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");

        Assert.True(key.VerifyData(Dsse.PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"u8), signature, HashAlgorithmName.SHA256));
        Assert.False(key.VerifyData(Dsse.PreAuthenticationEncoding("http://example.com/HelloWorld", "hello World"u8), signature, HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Sound_evidence_opens_with_its_digest_and_subjects()
    {
        var bytes = Seal(Statement());
        var opened = EvidenceEnvelope.Open(bytes, signer);

        Assert.Equal(Digest.Of(bytes), opened!.Envelope);
        Assert.Equal(Samples.D("model").Hex, opened.Subject(StatementSubject.Model));
        Assert.Null(opened.Subject("other"));
        Assert.Equal(Samples.Result().ComputeDigest(), opened.Result.ComputeDigest());
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        using var other = new EcdsaEvidenceSigner(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        Assert.Null(EvidenceEnvelope.Open(Seal(Statement()), other));
    }

    [Fact]
    public void Another_key_that_claims_the_known_identifier_opens_nothing()
    {
        using var other = new EcdsaEvidenceSigner(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var forged = Dsse.Sign(Core.Evidence.Statement.PayloadType, GovernanceJson.Serialize(Statement()), other);
        forged = forged with { Signatures = [forged.Signatures[0] with { KeyId = signer.KeyId }] };
        Assert.Null(EvidenceEnvelope.Open(GovernanceJson.Serialize(forged), signer));
    }

    [Fact]
    public void A_changed_payload_opens_nothing()
    {
        var envelope = GovernanceJson.Deserialize<DsseEnvelope>(Seal(Statement()));
        var payload = Encoding.UTF8.GetString(envelope.PayloadBytes()).Replace("AUC 0.80", "AUC 0.90", StringComparison.Ordinal);
        var changed = envelope with { Payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)) };
        Assert.Null(EvidenceEnvelope.Open(GovernanceJson.Serialize(changed), signer));
    }

    [Fact]
    public void A_result_that_is_not_the_one_of_its_digest_opens_nothing()
    {
        var sound = Statement();
        var changed = sound with { Predicate = sound.Predicate with { Result = Samples.Result() with { Summary = "AUC 0.90." } } };
        Assert.Null(EvidenceEnvelope.Open(Seal(changed), signer));
    }

    [Fact]
    public void What_is_signed_but_no_evidence_opens_nothing()
    {
        Assert.Null(EvidenceEnvelope.Open(Seal(Statement() with { PredicateType = "urn:other" }), signer));
        Assert.Null(EvidenceEnvelope.Open(Seal(Statement() with { Type = "urn:other" }), signer));
        Assert.Null(EvidenceEnvelope.Open(GovernanceJson.Serialize(Dsse.Sign("text/plain", GovernanceJson.Serialize(Statement()), signer)), signer));
        Assert.Null(EvidenceEnvelope.Open(GovernanceJson.Serialize(Dsse.Sign(Core.Evidence.Statement.PayloadType, "{}"u8, signer)), signer));
        Assert.Null(EvidenceEnvelope.Open(GovernanceJson.Serialize(Dsse.Sign(Core.Evidence.Statement.PayloadType, "null"u8, signer)), signer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"payloadType":"application/vnd.in-toto+json","payload":"%","signatures":[]}""")]
    [InlineData("""{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[null]}""")]
    [InlineData("""{"payloadType":"application/vnd.in-toto+json","payload":null,"signatures":[]}""")]
    public void Malformed_bytes_open_nothing(string text) => Assert.Null(EvidenceEnvelope.Open(Encoding.UTF8.GetBytes(text), signer));

    /// <summary>Any single changed byte is noticed, unless it spells the same value in another way, and nothing is thrown.</summary>
    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        var sound = Seal(Statement());
        var signed = GovernanceJson.Deserialize<DsseEnvelope>(sound);
        var change =
            from position in Gen.Choose(0, sound.Length - 1)
            from value in Gen.Choose(0, 255)
            select (position, (byte)value);
        Prop.ForAll(change.ToArbitrary(), c =>
        {
            var bytes = (byte[])sound.Clone();
            bytes[c.position] = c.Item2;
            var opened = EvidenceEnvelope.Open(bytes, signer);
            return opened is null || GovernanceJson.Deserialize<DsseEnvelope>(bytes).PayloadBytes().AsSpan().SequenceEqual(signed.PayloadBytes());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void The_result_digest_does_not_depend_on_where_it_was_computed() =>
        Assert.Equal(Samples.Result().ComputeDigest(), GovernanceJson.Deserialize<CheckResult>(GovernanceJson.Serialize(Samples.Result())).ComputeDigest());

    private static byte[] Unsigned(string number) => System.Numerics.BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture)
        .ToByteArray(isUnsigned: true, isBigEndian: true) is { Length: < 32 } s ? [.. new byte[32 - s.Length], .. s]
        : System.Numerics.BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture).ToByteArray(isUnsigned: true, isBigEndian: true);

    private static Statement Statement() => new()
    {
        Subject = [StatementSubject.Of(StatementSubject.Model, Samples.D("model"))],
        Predicate = new CheckPredicate
        {
            Result = Samples.Result(),
            ResultDigest = Samples.Result().ComputeDigest(),
            Run = new RunFacts("run-1", World.Start, World.Start.AddSeconds(1), 4, "code", "local", "runtime", "platform"),
        },
    };

    private byte[] Seal(Statement statement) => EvidenceEnvelope.Seal(statement, signer);
}
