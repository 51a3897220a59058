using Governance.Models.Onnx.Format;

namespace Governance.Models.Trees;

/// <summary>Attributes of a node by name; an absent one is empty.</summary>
internal sealed class AttributeLists(NodeProto node)
{
    private static readonly AttributeProto Absent = new();

    public IReadOnlyList<long> Integers(string name) => Find(name).Ints;

    public IReadOnlyList<float> Numbers(string name) => Find(name).Floats;

    public IReadOnlyList<string> Words(string name) => [.. Find(name).Strings.Select(s => s.ToStringUtf8())];

    public string Word(string name) => Find(name).S.ToStringUtf8();

    public long? Integer(string name) => Has(name) ? Find(name).I : null;

    public bool Has(string name) => !ReferenceEquals(Find(name), Absent);

    /// <summary>Which of two attributes of one name counts differs between readers.</summary>
    public bool HasRepeats => node.Attribute.DistinctBy(a => a.Name).Count() != node.Attribute.Count;

    private AttributeProto Find(string name) => node.Attribute.FirstOrDefault(a => a.Name == name) ?? Absent;
}
