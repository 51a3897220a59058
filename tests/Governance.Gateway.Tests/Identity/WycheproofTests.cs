using System.Text;
using System.Text.Json;
using Governance.Gateway.Identity.Jose;
using Governance.Testing;

namespace Governance.Gateway.Tests.Identity;

/// <summary>Every JWS and JWK vector of the shared material gives its stated result, but for the deviations named here.</summary>
public sealed class WycheproofTests
{
    /// <summary>
    /// Vectors whose stated result we do not give, and why: those stated valid that break a rule we keep, and those stated invalid that are,
    /// byte for byte, a vector stated valid. The opposite result is asserted, so a change of mind shows.
    /// </summary>
    private static readonly Dictionary<(string File, int Id), string> Deviations = new()
    {
        [("json_web_signature_test.json", 346)] = "the key's alg is PS256, the token's PS384: one key, one algorithm (RFC 8725 3.1); 338 and 340 state the opposite",
        [("json_web_signature_test.json", 350)] = "the key's alg is PS256, the token's PS384: one key, one algorithm (RFC 8725 3.1); 338 and 340 state the opposite",
        [("json_web_signature_test.json", 347)] = "the key's alg is 'ES521', which is not registered (RFC 7518 3.1)",
        [("json_web_signature_test.json", 351)] = "the key's alg is 'ES521', which is not registered (RFC 7518 3.1)",
        [("json_web_signature_test.json", 372)] = "a '?' stands in the header: not base64url (RFC 7515 5.2)",
        [("json_web_signature_test.json", 373)] = "a '?' stands in the payload: not base64url (RFC 7515 5.2)",
        [("json_web_signature_test.json", 367)] = "the same text as 357, which is stated valid",
        [("json_web_signature_test.json", 370)] = "the same text as 357, which is stated valid",
    };

    private static readonly HashSet<SignatureAlgorithm> Everything = [.. SignatureAlgorithm.Known.Values];

    public static TheoryData<string, int, string> Vectors()
    {
        var data = new TheoryData<string, int, string>();
        foreach (var (file, _, test) in Read())
        {
            data.Add(Path.GetFileName(file), test.GetProperty("tcId").GetInt32(), test.GetProperty("comment").GetString()!);
        }

        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Vectors))]
    [Trait("Category", SharedMaterial.Conformance)]
    public void Vector_GivesItsStatedResult(string file, int id, string comment)
    {
        Assert.NotNull(comment);
        var (_, group, test) = Read().Single(v => Path.GetFileName(v.File) == file && v.Test.GetProperty("tcId").GetInt32() == id);
        var expected = test.GetProperty("result").GetString() == "valid" ^ Deviations.ContainsKey((file, id));

        Assert.Equal(expected, Verifies(group, test.GetProperty("jws").GetString()!));
    }

    [Fact]
    [Trait("Category", SharedMaterial.Conformance)]
    public void Vectors_ArePresent()
    {
        SharedMaterial.SkipUnlessPresent("conformance/jose");
        Assert.NotEmpty(Read());
    }

    private static bool Verifies(JsonElement group, string jws)
    {
        var key = group.TryGetProperty("public", out var isPublic) ? isPublic : group.GetProperty("private");
        var json = key.TryGetProperty("keys", out _) ? key.GetRawText() : $"{{\"keys\":[{key.GetRawText()}]}}";
        JsonWebKeySet keys;
        try
        {
            keys = JsonWebKeySet.Parse(Encoding.UTF8.GetBytes(json));
        }
        catch (FormatException)
        {
            return false;
        }

        return Jws.Parse(jws)?.Verify(keys, Everything) == JwsFault.None;
    }

    private static IEnumerable<(string File, JsonElement Group, JsonElement Test)> Read() =>
        from file in SharedMaterial.ConformanceFiles("jose")
        from jsonGroup in JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("testGroups").EnumerateArray()
        from test in jsonGroup.GetProperty("tests").EnumerateArray()
        select (file, jsonGroup, test);
}
