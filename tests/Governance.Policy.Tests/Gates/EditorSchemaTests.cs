using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Core.Inventory;
using Governance.Policy.Gates;
using Governance.Testing;

namespace Governance.Policy.Tests.Gates;

/// <summary>policies/schema.json and the loader know the same members and the same words.</summary>
public sealed class EditorSchemaTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(SharedMaterial.RepositoryRoot, "policies", "schema.json")))!;

    public static TheoryData<string, string, string> Members()
    {
        var data = new TheoryData<string, string, string>();
        Add("Pack", "spec: {{ {0} }}", Definition("pack"));
        Add("Policy", "spec: {{ {0} }}", Definition("policy"));
        Add("Policy", "spec: {{ validations: [{{ {0} }}] }}", Definition("validation"));
        Add("Policy", "spec: {{ variables: [{{ {0} }}] }}", Definition("named"));
        Add("Binding", "spec: {{ {0} }}", Definition("binding"));
        Add("Params", "spec: {{ {0} }}", Definition("params"));
        Add("Params", "spec: {{ parameters: [{{ {0} }}] }}", Definition("params")["parameters"]!["items"]!["properties"]!);
        Add("EvidenceSchema", "spec: {{ checks: [{{ {0} }}] }}", Definition("evidenceSchema")["checks"]!["items"]!["properties"]!);
        return data;

        void Add(string kind, string form, JsonNode properties)
        {
            foreach (var (name, _) in properties.AsObject())
            {
                data.Add(kind, form, name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void EveryMemberOfTheSchema_IsKnownToTheLoader(string kind, string form, string member)
    {
        Assert.DoesNotContain(Issues(kind, form, member), i => i.Contains($"has no '{member}'", StringComparison.Ordinal));
        Assert.Contains(Issues(kind, form, member + "_x"), i => i.Contains($"has no '{member}_x'", StringComparison.Ordinal));
    }

    [Fact]
    public void TheWordsOfTheSchema_AreThoseOfTheLoader()
    {
        Assert.Equal(GateSchema.Roles, Words(Definition("validation")["waitsFor"]!));
        Assert.Equal(DocumentKind.All.Select(k => k.Name).Where(k => k != DocumentKind.Adjustment), Words(Definition("validation")["documents"]!["items"]!));
        Assert.Equal(GateSchema.Gates, Words(Definition("binding")["gates"]!["items"]!));
        Assert.Equal(GateSchema.Targets, Words(Definition("binding")["targets"]!["items"]!));
    }

    private static JsonNode Definition(string name) => Schema["$defs"]![name]!["properties"]!;

    private static string[] Words(JsonNode node) => node["enum"].Deserialize<string[]>()!;

    private static List<string> Issues(string kind, string form, string member)
    {
        var spec = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, $"{member}: x");
        var text = $"apiVersion: governance/v1\nkind: {kind}\nmetadata: {{name: n, owner: risk, title: t}}\n{spec}\n";
        return [.. PolicyPack.Parse([KeyValuePair.Create("a.yaml", text)]).Issues.Select(i => i.Message)];
    }
}
