# What a review board has in Request Tracker: a queue with the custom fields that Probity files into, one that
# lacks them, and people. Runs once in a fresh database; prints a token for each, as `NAME=TOKEN`.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use RT::AuthToken;

my $system = RT->SystemUser;

sub made {
    my ( $class, %with ) = @_;
    my $object = $class->new($system);
    my ( $id, $message ) = $object->Create(%with);
    die "$class: $message\n" unless $id;
    return $object;
}

sub may {
    my ( $user, $object, @rights ) = @_;
    for my $right (@rights) {
        my ( $ok, $message ) = $user->PrincipalObj->GrantRight( Object => $object, Right => $right );
        die "$right: $message\n" unless $ok;
    }
}

my $board = made( 'RT::Queue', Name => 'Exception Review', Description => 'Exceptions for the review board' );
my $bare  = made( 'RT::Queue', Name => 'Unprepared', Description => 'A queue without the custom fields' );

sub field {
    my ( $name, $type, $most ) = @_;
    my $field = made(
        'RT::CustomField',
        Name       => $name,
        Type       => $type,
        MaxValues  => $most,
        LookupType => RT::Ticket->CustomFieldLookupType,
    );
    my ( $ok, $message ) = $field->AddToObject($board);
    die "$name: $message\n" unless $ok;
    return $field;
}

my $submission = field( 'Probity Submission', 'Freeform', 1 );
my $digest     = field( 'Probity Digest',     'Freeform', 1 );
my $reasons    = field( 'Bounce Reasons',     'Freeform', 0 );
my $decision   = field( 'Decision',           'Freeform', 1 );

sub person {
    my ($name) = @_;
    my $user = made( 'RT::User', Name => $name, EmailAddress => "$name\@board.invalid", Privileged => 1 );
    my $token = RT::AuthToken->new($system);
    my ( $id, $message, $secret ) = $token->Create( Owner => $user->Id, Description => "for $name" );
    die "$name: $message\n" unless $id;
    print uc($name), "=$secret\n";
    return $user;
}

# What plugins/README.md says the connector's user needs, and no more.
my $probity = person('probity');
may( $probity, $_, qw(SeeQueue ShowTicket CreateTicket) ) for $board, $bare;
may( $probity, $_, qw(SeeCustomField SetInitialCustomField) ) for $submission, $digest;
may( $probity, $_, qw(SeeCustomField) ) for $reasons, $decision;

# Sees the fields but may not set them: what Request Tracker drops without a word.
my $timid = person('timid');
may( $timid, $board, qw(SeeQueue ShowTicket CreateTicket) );
may( $timid, $_, qw(SeeCustomField) ) for $submission, $digest;

# Sees tickets, but not what their fields say; and one who may file nothing.
my $blind = person('blind');
may( $blind, $board, qw(SeeQueue ShowTicket CreateTicket) );
my $reader = person('reader');
may( $reader, $board, qw(SeeQueue ShowTicket) );
may( $reader, $_, qw(SeeCustomField) ) for $submission, $digest, $reasons, $decision;

# The board's side of the desk.
my $secretary = person('secretary');
may( $secretary, $_, qw(SeeQueue ShowTicket CreateTicket ModifyTicket DeleteTicket) ) for $board, $bare;
may( $secretary, $_, qw(SeeCustomField ModifyCustomField) ) for $submission, $digest, $reasons, $decision;
