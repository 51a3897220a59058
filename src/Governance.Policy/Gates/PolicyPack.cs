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
    private readonly IReadOnlyList<CelValue> parametersByTier;
    private readonly HashSet<(string Check, string Measure)> measures;

    private PolicyPack(PackDocuments documents, IReadOnlyList<CompiledPolicy> policies, Digest digest, Digest paramsDigest)
    {
        (Name, Version, Title) = (documents.Own.Name, documents.Own.Version, documents.Own.Title);
        (Jurisdictions, Extends) = (documents.Own.Jurisdictions, documents.Extended);
        parametersByTier =
        [
            .. Enumerable.Range(0, 3).Select(tier =>
                CelValue.Of(CelMap.OfNames(documents.Parameters.Select(p => KeyValuePair.Create(p.Name, p.ByTier[tier]))))),
        ];
        ParameterDocuments = documents.Parameters;
        (Policies, Digest, ParamsDigest) = (policies, digest, paramsDigest);
        (Label, RuleCount) = ($"{Name} {Version}", policies.Sum(p => p.Rules.Count));
        var own = documents.Own.Policies.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        measures = [.. policies.SelectMany(p => MeasuresRead.By(p, documents.Checks))];
        OwnRules = [.. policies.Where(p => own.Contains(p.Name)).SelectMany(p => p.Rules).Select(r => r.Document.Id)];
    }

    public string Name { get; }

    public string Version { get; }

    /// <summary>For people.</summary>
    public string Title { get; }

    /// <summary>Where the pack is meant for: a label for people; bindings decide where a rule applies.</summary>
    public IReadOnlyList<string> Jurisdictions { get; }

    /// <summary>Names of the packs whose documents are part of this one, bases first.</summary>
    public IReadOnlyList<string> Extends { get; }

    /// <summary>Over every document but the parameters, those of extended packs included.</summary>
    public Digest Digest { get; }

    /// <summary>Over the files that hold parameters.</summary>
    public Digest ParamsDigest { get; }

    /// <summary>Over both: a signature given under one pack counts under no other, and under no other limits.</summary>
    public Digest Identity => Core.Digest.Of(Encoding.ASCII.GetBytes($"{Digest}\n{ParamsDigest}"));

    /// <summary>Identifiers of all rules, in the order they are evaluated.</summary>
    public IReadOnlyList<string> Rules => [.. Policies.SelectMany(p => p.Rules).Select(r => r.Document.Id)];

    /// <summary>Identifiers of the rules that are not those of an extended pack.</summary>
    public IReadOnlyList<string> OwnRules { get; }

    /// <summary>What the rules say, in the order they are evaluated.</summary>
    public IReadOnlyList<RuleDescription> Describe() =>
    [
        .. Policies.SelectMany(p => p.Rules.Select(r => r.Document).Select(d => new RuleDescription(
            d.Id, d.Title, d.Severity, d.Citation, d.Rationale, d.Remediation, [.. GateSchema.Gates.Where(g => p.Bindings.Any(b => b.Covers(g)))]))),
    ];

    /// <summary>Whether a rule that requires a check reads a measure of it: then the policy decides on that measure, and does not merely show it.</summary>
    public bool Decides(string check, string measure) => measures.Contains((check, measure));

    /// <summary>What commands need of a rule; null when the pack has none of this name.</summary>
    public RuleTerms? Terms(string rule) =>
        Policies.SelectMany(p => p.Rules).Select(r => r.Document).FirstOrDefault(d => d.Id == rule) is { } document
            ? new RuleTerms(document.Id, document.Title, document.Waivable, [.. document.Requires.Select(r => r.Check)])
            : null;

    internal IReadOnlyList<CompiledPolicy> Policies { get; }

    internal IReadOnlyList<ParameterDocument> ParameterDocuments { get; }

    internal int RuleCount { get; }

    /// <summary>Name and version.</summary>
    internal string Label { get; }

    /// <summary>Loads a folder and the packs it extends (<see cref="PackFiles"/>). The digests depend on names and bytes of the files only.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static PolicyPackLoad Load(string folder)
    {
        try
        {
            return Parse(PackFiles.Read(folder));
        }
        catch (InvalidDataException e)
        {
            return Refused(e.Message);
        }
    }

    /// <summary>The same from texts: file names and contents, as <see cref="PackFiles"/> gives them.</summary>
    public static PolicyPackLoad Parse(IEnumerable<KeyValuePair<string, string>> files)
    {
        var texts = files.OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        if (texts.Count > PackFiles.Most || texts.Exists(f => f.Value.Length > YamlReader.MaxCharacters))
        {
            return Refused($"a pack has at most {PackFiles.Most} files of at most {YamlReader.MaxCharacters} characters");
        }

        var documents = new PackDocuments(BuiltInEvidence.Source, texts);
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
            : new PolicyPackLoad(
                new PolicyPack(
                    documents, policies, DigestOf(texts.Where(f => !documents.ParamsFiles.Contains(f.Key))), DigestOf(texts.Where(f => documents.ParamsFiles.Contains(f.Key)))),
                new CelIssues([]));
    }

    /// <summary>The parameters of a tier, 1 to 3.</summary>
    internal CelValue Parameters(long tier) => parametersByTier[(int)tier - 1];

    private static Digest DigestOf(IEnumerable<KeyValuePair<string, string>> files) =>
        CanonicalJson.Digest(new JsonObject(files.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)Digest.Of(Encoding.UTF8.GetBytes(f.Value)).ToString()))));

    private static void Validate(PackDocuments documents, List<CelIssue> issues)
    {
        if (documents.Own.Name.Length == 0 || documents.Own.Version.Length == 0)
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
}
