using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates;

/// <summary>The outcome of loading a pack: the pack, or everything that is wrong with it. Immutable.</summary>
/// <param name="Pack">Null when there are issues.</param>
public sealed record PolicyPackLoad(PolicyPack? Pack, CelIssues Issues)
{
    /// <exception cref="InvalidOperationException">There are issues; the message lists them.</exception>
    public PolicyPack Require() => Pack ?? throw new InvalidOperationException(Issues.ToString());
}

/// <summary>
/// A loaded, type-checked policy pack: policies, where they are bound, and parameters. Content-addressed by two digests, of the policies and of the
/// parameters. Immutable and thread-safe.
/// </summary>
public sealed class PolicyPack
{
    private const int MaxFiles = 200;
    private readonly IReadOnlyList<ParameterDocument> parameters;

    private PolicyPack(DocumentReader documents, IReadOnlyList<CompiledPolicy> policies, IReadOnlyDictionary<string, CelType> schema, Digest digest, Digest paramsDigest)
    {
        (Name, Version, Title) = (documents.Name, documents.Version, documents.Title);
        parameters = documents.Parameters;
        (Policies, Schema, Digest, ParamsDigest) = (policies, schema, digest, paramsDigest);
    }

    public string Name { get; }

    public string Version { get; }

    /// <summary>For people.</summary>
    public string Title { get; }

    /// <summary>Over every document but the parameters.</summary>
    public Digest Digest { get; }

    /// <summary>Over the files that hold parameters.</summary>
    public Digest ParamsDigest { get; }

    /// <summary>Identifiers of all rules, in the order they are evaluated.</summary>
    public IReadOnlyList<string> Rules => [.. Policies.SelectMany(p => p.Rules).Select(r => r.Document.Id)];

    /// <summary>What the rules say, in the order they are evaluated.</summary>
    public IReadOnlyList<RuleDescription> Describe() =>
    [
        .. Policies.SelectMany(p => p.Rules).Select(r => r.Document).Select(d =>
            new RuleDescription(d.Id, d.Title, d.Severity, d.Citation, d.Rationale, d.Remediation)),
    ];

    /// <summary>What commands need of a rule; null when the pack has none of this name.</summary>
    public RuleTerms? Terms(string rule) =>
        Policies.SelectMany(p => p.Rules).Select(r => r.Document).FirstOrDefault(d => d.Id == rule) is { } document
            ? new RuleTerms(document.Id, document.Title, document.Waivable, [.. document.Requires.Select(r => r.Check)])
            : null;

    internal IReadOnlyList<CompiledPolicy> Policies { get; }

    internal IReadOnlyDictionary<string, CelType> Schema { get; }

    /// <summary>
    /// Reads every <c>*.yaml</c> file of a folder (not of the folders in it, such as its tests). The digests depend on names and bytes of the files only.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static PolicyPackLoad Load(string folder)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles("*.yaml").OrderBy(f => f.Name, StringComparer.Ordinal).Take(MaxFiles + 1).ToList();
        return files.Count > MaxFiles || files.Exists(f => f.Length > YamlReader.MaxCharacters * 4L)
            ? Refused($"a pack has at most {MaxFiles} files of at most {YamlReader.MaxCharacters} characters")
            : Parse(files.Select(f => KeyValuePair.Create(f.Name, File.ReadAllText(f.FullName, Encoding.UTF8))));
    }

    /// <summary>The same from texts: file names and contents.</summary>
    public static PolicyPackLoad Parse(IEnumerable<KeyValuePair<string, string>> files)
    {
        var documents = new DocumentReader();
        documents.Read(new YamlSource("built-in evidence", BuiltInEvidence()));
        var (policyFiles, paramsFiles) = (new JsonObject(), new JsonObject());
        foreach (var (name, text) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var parametersBefore = documents.Parameters.Count;
            documents.Read(new YamlSource(name, text));
            var group = documents.Parameters.Count > parametersBefore ? paramsFiles : policyFiles;
            group[name] = Digest.Of(Encoding.UTF8.GetBytes(text)).ToString();
        }

        var issues = new List<CelIssue>(documents.Issues);
        Validate(documents, issues);
        var schema = new Dictionary<string, CelType>(GateSchema.Variables(documents.Checks))
        {
            ["params"] = CelType.Record("params", documents.Parameters.ToDictionary(p => p.Name, p => p.Type)),
        };
        var compiler = new PolicyCompiler(schema, documents.Checks, issues);
        var policies = documents.Policies.Select(p => compiler.Compile(p, [.. documents.Bindings.Where(b => b.Policy == p.Name)])).ToList();
        return issues.Count > 0
            ? new PolicyPackLoad(null, new CelIssues(issues))
            : new PolicyPackLoad(new PolicyPack(documents, policies, schema, CanonicalJson.Digest(policyFiles), CanonicalJson.Digest(paramsFiles)), new CelIssues([]));
    }

    /// <summary>The parameters of a tier, 1 to 3.</summary>
    internal CelValue Parameters(long tier) =>
        CelValue.Of(CelMap.OfNames(parameters.Select(p => KeyValuePair.Create(p.Name, p.ByTier[(int)tier - 1]))));

    private static void Validate(DocumentReader documents, List<CelIssue> issues)
    {
        if (documents.Name.Length == 0 || documents.Version.Length == 0)
        {
            issues.Add(new CelIssue("pack", 1, 1, "the pack needs a document of kind Pack with metadata: name, version, title", ""));
        }

        var names = documents.Policies.Select(p => p.Name).ToList();
        foreach (var binding in documents.Bindings)
        {
            if (!names.Contains(binding.Policy))
            {
                issues.Add(binding.File.Issue(binding.At, $"no policy is called '{binding.Policy}'{NearestName.Suggest(binding.Policy, names)}"));
            }

            Known(binding, binding.Gates, GateSchema.Gates, "gate");
            Known(binding, binding.Targets, GateSchema.Targets, "target");
            Known(binding, binding.Tiers, ["1", "2", "3"], "tier");
        }

        foreach (var policy in documents.Policies)
        {
            if (names.Count(n => n == policy.Name) > 1 || documents.Bindings.TrueForAll(b => b.Policy != policy.Name))
            {
                issues.Add(policy.File.Issue(policy.At, $"the policy '{policy.Name}' needs a name of its own and a binding"));
            }
        }

        foreach (var twice in documents.Policies.SelectMany(p => p.Validations.Select(v => (p.File, v))).GroupBy(r => r.v.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            var (file, rule) = twice.Last();
            issues.Add(file.Issue(rule.At, $"the rule id '{twice.Key}' is used twice"));
        }

        void Known(BindingDocument binding, IReadOnlyList<string> given, IReadOnlyList<string> known, string what)
        {
            foreach (var name in given.Where(g => !known.Contains(g)))
            {
                issues.Add(binding.File.Issue(binding.At, $"no {what} is called '{name}'{NearestName.Suggest(name, known)}"));
            }
        }
    }

    private static PolicyPackLoad Refused(string message) => new(null, new CelIssues([new CelIssue("pack", 1, 1, message, "")]));

    private static string BuiltInEvidence()
    {
        using var stream = typeof(PolicyPack).Assembly.GetManifestResourceStream("Governance.Policy.Gates.evidence.yaml")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
