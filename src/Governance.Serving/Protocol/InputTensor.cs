namespace Governance.Serving.Protocol;

/// <summary>What one input tensor of a request says of itself, and where its values lie.</summary>
internal struct InputTensor
{
    /// <summary>The tensor that holds every feature.</summary>
    public const int Whole = -1;

    /// <summary>A name the model does not have.</summary>
    public const int Unknown = -2;

    public InputTensor()
    {
    }

    /// <summary>A feature's column, <see cref="Whole"/> or <see cref="Unknown"/>.</summary>
    public int Column { get; set; } = Unknown;

    public Datatype Datatype { get; set; }

    /// <summary>Dimensions the shape has; 0 when there is no shape.</summary>
    public int Dimensions { get; set; }

    public long Rows { get; set; }

    /// <summary>The second dimension; 1 when there is none.</summary>
    public long Columns { get; set; } = 1;

    /// <summary>Whether there is a member <c>data</c>.</summary>
    public bool HasData { get; set; }

    /// <summary>Bytes after the JSON (<c>binary_data_size</c>); null when the values are in <c>data</c>.</summary>
    public long? BinarySize { get; set; }

    /// <summary>Where the values begin among all values read.</summary>
    public int Start { get; set; }

    public int Count { get; set; }

    /// <summary>Length of each list inside <c>data</c>; null when it is flat.</summary>
    public int? Nested { get; set; }

    public bool HasNumbers { get; set; }

    public bool HasBooleans { get; set; }

    public bool HasFractions { get; set; }

    public double Least { get; set; } = double.PositiveInfinity;

    public double Greatest { get; set; } = double.NegativeInfinity;
}
