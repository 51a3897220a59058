using Governance.Policy.Cel;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates.Documents;

/// <summary>
/// The documents of a pack and of the packs it extends, as one: extended packs first, each once, in the order they are named. A parameter written again by a
/// pack that extends replaces the value it had; policies and bindings add up.
/// </summary>
internal sealed class PackDocuments
{
    private readonly List<CelIssue> issues = [];
    private readonly Dictionary<string, DocumentReader> byPack = new(StringComparer.Ordinal);
    private readonly HashSet<string> entered = new(StringComparer.Ordinal);

    /// <param name="builtInEvidence">The checks every pack knows.</param>
    /// <param name="files">Names and texts; the part of a name before <c>/</c> is the extended pack the file belongs to.</param>
    public PackDocuments(YamlSource builtInEvidence, IEnumerable<KeyValuePair<string, string>> files)
    {
        var basis = new DocumentReader();
        basis.Read(builtInEvidence);
        Checks = basis.Checks;
        issues.AddRange(basis.Issues);
        foreach (var (name, text) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var pack = name.Contains('/', StringComparison.Ordinal) ? name[..name.IndexOf('/', StringComparison.Ordinal)] : "";
            if (!byPack.TryGetValue(pack, out var reader))
            {
                byPack.Add(pack, reader = new DocumentReader());
            }

            var parametersBefore = reader.Parameters.Count;
            reader.Read(new YamlSource(name, text));
            if (reader.Parameters.Count > parametersBefore)
            {
                ParamsFiles.Add(name);
            }
        }

        Own = byPack.GetValueOrDefault("") ?? new DocumentReader();
        Merge("", Own);
        foreach (var left in byPack.Keys.Where(p => p.Length > 0 && !entered.Contains(p)))
        {
            issues.Add(new CelIssue(left, 1, 1, $"the pack '{left}' is not extended by any pack here", ""));
        }
    }

    public IReadOnlyList<CelIssue> Issues => issues;

    /// <summary>The documents of the pack itself.</summary>
    public DocumentReader Own { get; }

    /// <summary>Names of the extended packs, bases first.</summary>
    public List<string> Extended { get; } = [];

    public List<PolicyDocument> Policies { get; } = [];

    public List<BindingDocument> Bindings { get; } = [];

    public List<ParameterDocument> Parameters { get; } = [];

    public Dictionary<string, IReadOnlyList<string>> Checks { get; }

    /// <summary>Files that hold parameters.</summary>
    public HashSet<string> ParamsFiles { get; } = new(StringComparer.Ordinal);

    private void Merge(string name, DocumentReader pack)
    {
        entered.Add(name);
        foreach (var (extended, file, at) in pack.Extends)
        {
            if (!byPack.TryGetValue(extended, out var reader))
            {
                issues.Add(file.Issue(at, $"there is no pack '{extended}' beside this one{NearestName.Suggest(extended, byPack.Keys)}"));
            }
            else if (!entered.Contains(extended))
            {
                Merge(extended, reader);
                Extended.Add(extended);
            }
        }

        issues.AddRange(pack.Issues);
        Policies.AddRange(pack.Policies);
        Bindings.AddRange(pack.Bindings);
        foreach (var (check, measures) in pack.Checks)
        {
            Checks[check] = measures;
        }

        foreach (var parameter in pack.Parameters)
        {
            var at = Parameters.FindIndex(p => p.Name == parameter.Name);
            if (at < 0)
            {
                Parameters.Add(parameter);
            }
            else if (Parameters[at].Type.ToString() == parameter.Type.ToString())
            {
                Parameters[at] = parameter;
            }
            else
            {
                issues.Add(parameter.File.Issue(parameter.At, $"the parameter '{parameter.Name}' has the type {Parameters[at].Type} in {Parameters[at].File.Name} and {parameter.Type} here"));
            }
        }
    }
}
